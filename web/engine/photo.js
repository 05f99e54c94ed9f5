/**
 * A photograph of a digit on paper -> dark ink on white. The same steps and numbers as `mnist_cnn/photo.py`, where the reasons
 * stand; a test holds them against each other.
 * In:  a picture, RGBA. Out: a picture, at most 500 pixels a side.
 */

import { brightness, groundLevel, max, MIN_CONTRAST, resize, round } from './raster.js';

/** @typedef {import('./raster.js').Picture} Picture */
/** @typedef {import('./raster.js').Grey} Grey */
/** @typedef {{data: Uint8Array, width: number, height: number}} Levels */

const FLAT = 6;
const FLAT_SHARE = 0.98;
const STRONG = 72;
const FAR = 0.1;
const SMALLEST = 64;

const SIDE = 500;
const WINDOW = 0.16;
const SLOPES = Array.from({ length: 29 }, (_, i) => Math.tan(((i / 2 - 7) * Math.PI) / 180));
const CROSSING = 0.75;
const LINE_MIN = 10;
const LINE_WIDTH = 9;
const LINE_GAIN = 1.3;

const SKEW = 1;
const FAINTEST = 30;
const LOW = 0.5;
const RIM = 3;
const REST = 0.5;
const SPECK = 0.04;
const INNER = 0.0005;

/** Whether the ground is uneven, and `clean` should mend it. @param {Picture} picture */
export function isPhoto(picture) {
  const grey = brightness(picture);
  const { width, height } = grey;
  const shorter = Math.min(width, height);
  if (shorter < SMALLEST) return false;
  const ground = groundLevel(grey);
  const off = grey.data.map((value) => Math.abs(value - ground));
  const peak = max(off);
  if (peak < MIN_CONTRAST) return false;
  const strong = off.map((value) => Number(value >= Math.max(STRONG, peak / 2)));
  const near = extreme({ data: strong, width, height }, Math.max(1, round(FAR * shorter)), true).data;
  let [far, flat] = [0, 0];
  off.forEach((value, i) => {
    if (near[i]) return;
    far += 1;
    if (value <= FLAT) flat += 1;
  });
  return far > 0 && flat / far < FLAT_SHARE;
}

/** @param {Picture} picture @returns {Picture} */
export function clean(picture) {
  let grey = brightness(picture);
  if (Math.max(grey.width, grey.height) > SIDE) grey = resize(grey, SIDE);
  const ink = inkOf(mean(grey, 1));
  const { width, height } = ink;
  const level = linesOf(ink);
  const upright = linesOf(turned(ink));
  ink.data.forEach((value, i) => {
    const line = Math.max(level[i], upright[(i % width) * height + Math.floor(i / width)]);
    ink.data[i] = Math.floor(value - Math.min(value, LINE_GAIN * line));
  });
  const result = { data: new Uint8ClampedArray(4 * width * height).fill(255), width, height };
  const found = piecesOf(ink);
  if (found === null) return result;
  const { kept, threshold } = found;
  const strong = ink.data.filter((value, i) => kept[i] && value > threshold).sort();
  const full = strong[Math.floor((strong.length * 3) / 4)];
  const rim = extreme({ data: kept, width, height }, 1, true).data;
  ink.data.forEach((value, i) => {
    if (!rim[i]) return;
    const grade = 255 - Math.floor(255 * Math.min(1, Math.fround(value / full)));
    result.data.fill(grade, 4 * i, 4 * i + 3);
  });
  return result;
}

/** How much darker than its ground every pixel is, 0…255 of the ground. @param {Grey} grey @returns {Levels} */
function inkOf(grey) {
  const { width, height } = grey;
  const reach = Math.floor(round(WINDOW * Math.max(width, height)) / 2);
  let data = grey.data;
  if (groundLevel(grey) < 128 && isChalk(grey, reach)) data = data.map((value) => 255 - value);
  const ground = extreme(extreme({ data, width, height }, reach, true), reach, false).data;
  return {
    data: Uint8Array.from(data, (value, i) => Math.floor(Math.max(0, 255 * (1 - value / Math.max(ground[i], 1))))),
    width,
    height,
  };
}

/** Whether the picture without its margin is skewed to the light side. @param {Grey} grey @param {number} reach */
function isChalk({ data, width, height }, reach) {
  const margin = 2 * reach + 1;
  const [innerWidth, innerHeight] = [Math.max(0, width - 2 * margin), Math.max(0, height - 2 * margin)];
  const inner = { data: new Float32Array(innerWidth * innerHeight), width: innerWidth, height: innerHeight };
  if (inner.data.length === 0) return false;
  for (let y = 0; y < inner.height; y += 1) {
    const start = (y + margin) * width + margin;
    inner.data.set(data.subarray(start, start + inner.width), y * inner.width);
  }
  const around = mean(inner, reach).data;
  let [squares, cubes] = [0, 0];
  inner.data.forEach((value, i) => {
    const off = value - around[i];
    squares += off * off;
    cubes += off * off * off;
  });
  const count = inner.data.length;
  return cubes / count > SKEW * (squares / count) ** 1.5;
}

/** Strength of the straight, thin and nearly level lines that cross the whole picture. @param {Levels} ink */
function linesOf({ data, width, height }) {
  const reach = Math.ceil((SLOPES[SLOPES.length - 1] * width) / 2);
  const low = Math.floor(width * (1 - CROSSING));
  const middle = Math.floor(width / 2);
  const best = new Uint8Array(data.length);
  const counts = new Uint16Array(256);
  const rise = new Int32Array(width);
  for (const slope of SLOPES) {
    for (let x = 0; x < width; x += 1) rise[x] = Math.floor((x - width / 2) * slope + 0.5);
    const strength = new Uint8Array(height + 2 * reach);
    for (let row = 0; row < strength.length; row += 1) {
      counts.fill(0);
      for (let x = 0; x < width; x += 1) {
        const y = Math.min(height - 1, Math.max(0, row - reach + rise[x]));
        counts[data[y * width + x]] += 1;
      }
      if (ranked(counts, low) >= LINE_MIN) strength[row] = ranked(counts, middle);
    }
    const line = { data: strength, width: strength.length, height: 1 };
    const band = extreme(extreme(line, (LINE_WIDTH - 1) / 2, false), (LINE_WIDTH - 1) / 2, true).data;
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const row = y - rise[x] + reach;
        const value = strength[row] - band[row];
        if (value > best[y * width + x]) best[y * width + x] = value;
      }
    }
  }
  return best;
}

/** The value with `rank` smaller ones, counted from 0. @param {Uint16Array} counts @param {number} rank */
function ranked(counts, rank) {
  let value = 0;
  for (let below = counts[0]; below <= rank; below += counts[value]) value += 1;
  return value;
}

/** Where ink belongs to the digit, and above which level it is strong; null where nothing is written. @param {Levels} ink */
function piecesOf({ data, width, height }) {
  let found = null;
  let least = 0;
  for (let ink = data; ; ) {
    const threshold = thresholdOf(ink);
    if (threshold === null) return found;
    const { numbers, mass } = massesOf({ data: ink, width, height }, threshold);
    const most = mass.reduce((largest, value) => Math.max(largest, value));
    if (found !== null && most <= Math.max(INNER * ink.length * threshold, least)) return found;
    least = found === null ? 0 : REST * most;
    found = { kept: Uint8Array.from(numbers, (number) => Number(mass[number] > 0 && mass[number] >= SPECK * most)), threshold };
    const atBorder = new Uint8Array(mass.length);
    numbers.forEach((number, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      if (number && (x === 0 || y === 0 || x === width - 1 || y === height - 1)) atBorder[number] = 1;
    });
    if (!atBorder.includes(1)) return found;
    const dropped = extreme({ data: Uint8Array.from(numbers, (number) => atBorder[number]), width, height }, RIM, true).data;
    ink = ink.map((value, i) => (dropped[i] ? 0 : value));
  }
}

/** Otsu's threshold, unless what it divides hardly differs; then that of the darker part. @param {Uint8Array} data */
function thresholdOf(data) {
  const counts = new Float64Array(256);
  for (const value of data) counts[value] += 1;
  for (let trial = 0; trial < 2; trial += 1) {
    const { threshold, contrast } = otsu(counts);
    if (threshold < 0) return null;
    if (contrast >= FAINTEST) return threshold;
    counts.fill(0, 0, threshold + 1);
  }
  return null;
}

/** The threshold, -1 where all is of one level, and how much the means on its two sides differ. @param {Float64Array} counts */
function otsu(counts) {
  const count = counts.reduce((sum, value) => sum + value);
  const total = counts.reduce((sum, value, level) => sum + value * level, 0);
  let [best, threshold, contrast] = [0, -1, 0];
  let [below, mass] = [0, 0];
  for (let level = 0; level < 255; level += 1) {
    below += counts[level];
    mass += counts[level] * level;
    const above = count - below;
    if (below === 0 || above === 0) continue;
    const difference = (total - mass) / above - mass / below;
    const variance = below * above * difference * difference;
    if (variance > best) [best, threshold, contrast] = [variance, level, difference];
  }
  return { threshold, contrast };
}

/**
 * The number of the connected piece that a pixel lies in, 0 on the ground, and the strong ink of every piece.
 * @param {Levels} ink @param {number} threshold
 */
function massesOf({ data, width, height }, threshold) {
  const numbers = new Int32Array(data.length);
  const mass = [0];
  const open = [];
  for (let start = 0; start < data.length; start += 1) {
    if (numbers[start] || data[start] <= LOW * threshold) continue;
    const number = mass.length;
    let sum = 0;
    numbers[start] = number;
    open.push(start);
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (data[at] > threshold) sum += data[at];
      const [x, y] = [at % width, Math.floor(at / width)];
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column += 1) {
          const next = row * width + column;
          if (numbers[next] || data[next] <= LOW * threshold) continue;
          numbers[next] = number;
          open.push(next);
        }
      }
    }
    mass.push(sum);
  }
  return { numbers, mass };
}

/** Rows as columns. @param {Levels} levels @returns {Levels} */
function turned({ data, width, height }) {
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) result[x * height + y] = data[y * width + x];
  return { data: result, width: height, height: width };
}

/**
 * Largest or smallest value of the square that reaches `reach` pixels to every side, as far as the picture goes.
 * @param {Grey | Levels} picture @param {number} reach @param {boolean} largest @returns {Grey}
 */
function extreme({ data, width, height }, reach, largest) {
  const sign = largest ? 1 : -1;
  const across = new Float32Array(data.length);
  const result = new Float32Array(data.length);
  for (let y = 0; y < height; y += 1) slide(data, across, y * width, 1, width, reach, sign);
  for (let x = 0; x < width; x += 1) slide(across, result, x, width, height, reach, sign);
  return { data: result, width, height };
}

/**
 * The same along one line; candidates wait in a queue, the best first.
 * @param {Float32Array | Uint8Array} from @param {Float32Array} to @param {number} start @param {number} step
 * @param {number} length @param {number} reach @param {number} sign
 */
function slide(from, to, start, step, length, reach, sign) {
  const queue = new Int32Array(length);
  let [head, tail] = [0, 0];
  for (let next = 0, at = 0; at < length; at += 1) {
    for (; next < length && next <= at + reach; next += 1) {
      const value = sign * from[start + next * step];
      while (tail > head && sign * from[start + queue[tail - 1] * step] <= value) tail -= 1;
      queue[tail] = next;
      tail += 1;
    }
    while (queue[head] < at - reach) head += 1;
    to[start + at * step] = from[start + queue[head] * step];
  }
}

/** Mean of the square that reaches `reach` pixels to every side, border repeated. @param {Grey} grey @param {number} reach @returns {Grey} */
function mean({ data, width, height }, reach) {
  const down = new Float32Array(data.length);
  const result = new Float32Array(data.length);
  for (let x = 0; x < width; x += 1) slideMean(data, down, x, width, height, reach);
  for (let y = 0; y < height; y += 1) slideMean(down, result, y * width, 1, width, reach);
  return { data: result, width, height };
}

/**
 * The same along one line.
 * @param {Float32Array} from @param {Float32Array} to @param {number} start @param {number} step @param {number} length
 * @param {number} reach
 */
function slideMean(from, to, start, step, length, reach) {
  const value = (/** @type {number} */ at) => from[start + Math.min(length - 1, Math.max(0, at)) * step];
  let sum = 0;
  for (let at = -reach; at <= reach; at += 1) sum += value(at);
  for (let at = 0; at < length; at += 1) {
    to[start + at * step] = sum / (2 * reach + 1);
    sum += value(at + reach + 1) - value(at - reach);
  }
}
