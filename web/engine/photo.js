/**
 * A photograph of handwriting on paper -> dark ink on white. The JavaScript counterpart of `mnist_cnn/drawing/photo.py`, which
 * explains the steps.
 */

import { PHOTO, RASTER } from './constants.js';
import { crop, label, max, maximumFilter, minimumFilter, round, transpose, uniformFilter } from './ndimage.js';
import { backgroundLevel, brightness, resize } from './raster.js';

/** @typedef {import('./raster.js').Picture} Picture */
/** @typedef {import('./raster.js').Grey} Grey */
/** @typedef {{data: Uint8Array, width: number, height: number}} Levels */

const { BACKGROUND_TOLERANCE, MIN_FLAT_SHARE, STRONG_INK, INK_NEIGHBOURHOOD, MIN_PHOTO_SIZE } = PHOTO;
const { PHOTO_SIZE, CLOSING_SIZE, CHALK_SKEWNESS } = PHOTO;
const { MAX_LINE_TILT, LINE_TILT_STEP, MIN_LINE_COVERAGE, MIN_LINE_STRENGTH, MIN_STROKE_THICKNESS, LINE_GAIN } = PHOTO;
const { MIN_CLASS_CONTRAST, HYSTERESIS, BORDER_MARGIN, MIN_REMAINDER, MIN_COMPONENT_INK, MIN_INNER_INK } = PHOTO;
const { MIN_CONTRAST } = RASTER;

/** Whether the background is uneven and needs `clean`. @param {Picture} picture */
export function isPhoto(picture) {
  const grey = brightness(picture);
  const { width, height } = grey;
  const shorter = Math.min(width, height);
  if (shorter < MIN_PHOTO_SIZE) return false;
  const background = backgroundLevel(grey);
  const difference = grey.data.map((value) => Math.abs(value - background));
  const peak = max(difference);
  if (peak < MIN_CONTRAST) return false;
  const strong = difference.map((value) => Number(value >= Math.max(STRONG_INK, peak / 2)));
  const near = maximumFilter({ data: strong, width, height }, Math.max(1, round(INK_NEIGHBOURHOOD * shorter))).data;
  let [far, flat] = [0, 0];
  difference.forEach((value, i) => {
    if (near[i]) return;
    far += 1;
    if (value <= BACKGROUND_TOLERANCE) flat += 1;
  });
  return far > 0 && flat / far < MIN_FLAT_SHARE;
}

/** The ink of a photograph, at most `PHOTO_SIZE` pixels per side; white where nothing is written. @param {Picture} picture @returns {Grey} */
export function clean(picture) {
  let grey = brightness(picture);
  if (Math.max(grey.width, grey.height) > PHOTO_SIZE) grey = resize(grey, PHOTO_SIZE);
  const ink = withoutIllumination(uniformFilter(grey, 1));
  const { width, height } = ink;
  const level = printedLines(ink);
  const upright = printedLines(transpose(ink));
  ink.data.forEach((value, i) => {
    const line = Math.max(level[i], upright[(i % width) * height + Math.floor(i / width)]);
    ink.data[i] = Math.floor(value - Math.min(value, LINE_GAIN * line));
  });
  const result = { data: new Float32Array(width * height).fill(255), width, height };
  const found = digitMask(ink);
  if (found === null) return result;
  const { mask, threshold } = found;
  const strong = ink.data.filter((value, i) => mask[i] && value > threshold).sort();
  const full = strong[Math.floor((strong.length * 3) / 4)];
  const rim = maximumFilter({ data: mask, width, height }, 1).data; // the faint outer edges too
  ink.data.forEach((value, i) => {
    if (rim[i]) result.data[i] = 255 - Math.floor(255 * Math.min(1, Math.fround(value / full)));
  });
  return result;
}

/** By how much every pixel is darker than the background there, 0…255. @param {Grey} grey @returns {Levels} */
function withoutIllumination(grey) {
  const { width, height } = grey;
  const reach = Math.floor(round(CLOSING_SIZE * Math.max(width, height)) / 2);
  let data = grey.data;
  if (backgroundLevel(grey) < 128 && isChalk(grey, reach)) data = data.map((value) => 255 - value);
  const background = minimumFilter(maximumFilter({ data, width, height }, reach), reach).data;
  return {
    data: Uint8Array.from(data, (value, i) => Math.floor(Math.max(0, 255 * (1 - value / Math.max(background[i], 1))))),
    width,
    height,
  };
}

/** Whether a dark picture shows light ink. @param {Grey} grey @param {number} reach */
function isChalk(grey, reach) {
  const border = 2 * reach + 1;
  const [right, bottom] = [grey.width - border, grey.height - border];
  if (right <= border || bottom <= border) return false;
  const inner = crop(grey, [border, border, right, bottom]);
  const around = uniformFilter(inner, reach).data;
  let [squares, cubes] = [0, 0];
  inner.data.forEach((value, i) => {
    const difference = value - around[i];
    squares += difference * difference;
    cubes += difference * difference * difference;
  });
  const count = inner.data.length;
  return cubes / count > CHALK_SKEWNESS * (squares / count) ** 1.5;
}

/** Strength of the straight, thin and nearly horizontal lines that cross the whole picture. @param {Levels} ink */
function printedLines({ data, width, height }) {
  const reach = Math.ceil((Math.tan((MAX_LINE_TILT * Math.PI) / 180) * width) / 2);
  const low = Math.floor(width * (1 - MIN_LINE_COVERAGE));
  const middle = Math.floor(width / 2);
  const best = new Uint8Array(data.length);
  const counts = new Uint16Array(256);
  const rise = new Int32Array(width);
  for (let tilt = -MAX_LINE_TILT; tilt <= MAX_LINE_TILT; tilt += LINE_TILT_STEP) {
    const slope = Math.tan((tilt * Math.PI) / 180);
    for (let x = 0; x < width; x += 1) rise[x] = Math.floor((x - width / 2) * slope + 0.5);
    const strength = new Uint8Array(height + 2 * reach);
    for (let row = 0; row < strength.length; row += 1) {
      counts.fill(0);
      for (let x = 0; x < width; x += 1) {
        const y = Math.min(height - 1, Math.max(0, row - reach + rise[x]));
        counts[data[y * width + x]] += 1;
      }
      if (ranked(counts, low) >= MIN_LINE_STRENGTH) strength[row] = ranked(counts, middle);
    }
    const line = { data: strength, width: strength.length, height: 1 };
    const half = (MIN_STROKE_THICKNESS - 1) / 2;
    const thick = maximumFilter(minimumFilter(line, half), half).data;
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const row = y - rise[x] + reach;
        const value = strength[row] - thick[row];
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

/** Which pixels belong to digits, and the threshold of strong ink; null where nothing is written. @param {Levels} ink */
function digitMask({ data, width, height }) {
  let found = null;
  let least = 0;
  for (let ink = data; ; ) {
    const threshold = thresholdOf(ink);
    if (threshold === null) return found;
    const { labels, mass } = components({ data: ink, width, height }, threshold);
    const most = mass.reduce((largest, value) => Math.max(largest, value));
    if (found !== null && most <= Math.max(MIN_INNER_INK * ink.length * threshold, least)) return found;
    least = found === null ? 0 : MIN_REMAINDER * most;
    const mask = Uint8Array.from(labels, (number) => Number(mass[number] > 0 && mass[number] >= MIN_COMPONENT_INK * most));
    found = { mask, threshold };
    const atBorder = new Uint8Array(mass.length);
    labels.forEach((number, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      if (number && (x === 0 || y === 0 || x === width - 1 || y === height - 1)) atBorder[number] = 1;
    });
    if (!atBorder.includes(1)) return found;
    const dropped = maximumFilter({ data: Uint8Array.from(labels, (number) => atBorder[number]), width, height }, BORDER_MARGIN).data;
    ink = ink.map((value, i) => (dropped[i] ? 0 : value));
  }
}

/** Otsu's threshold, or that of the pixels above it: the first whose two classes differ enough. @param {Uint8Array} data */
function thresholdOf(data) {
  const counts = new Float64Array(256);
  for (const value of data) counts[value] += 1;
  for (let trial = 0; trial < 2; trial += 1) {
    const { threshold, contrast } = otsu(counts);
    if (threshold < 0) return null;
    if (contrast >= MIN_CLASS_CONTRAST) return threshold;
    counts.fill(0, 0, threshold + 1);
  }
  return null;
}

/** The threshold, -1 where all is of one level, and by how much the means of the two classes differ. @param {Float64Array} counts */
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

/** Connected components, and the strong ink of each label; 0 is the background. @param {Levels} ink @param {number} threshold */
function components({ data, width, height }, threshold) {
  const { labels, count } = label({ data: data.map((value) => Number(value > HYSTERESIS * threshold)), width, height });
  const mass = new Float64Array(count + 1);
  data.forEach((value, i) => {
    if (labels[i] && value > threshold) mass[labels[i]] += value;
  });
  return { labels, mass };
}
