/**
 * From what was drawn to its digits: pieces (strokes, or ink of a picture that hangs together) are grouped to digits, which
 * stand in a row from left to right. The same steps and numbers as `mnist_cnn/numbers.py`, where the reasons stand; a test
 * holds them against each other.
 * In:  strokes, points in shares of the pad's side, or the pixels of a picture; and a network that is asked where shapes leave
 *      a doubt.
 * Out: the strokes of each digit; or each digit's box and its picture alone.
 */

import { max, MIN_CONTRAST, round } from './raster.js';
import { fitInk, inkOf, normaliseStrokes, place } from './picture.js';

/** @typedef {import('./cnn.js').Network} Network */
/** @typedef {import('./picture.js').Point} Point */
/** @typedef {import('./raster.js').Picture} Picture */
/** @typedef {import('./raster.js').Grey} Grey */
/** @typedef {[left: number, top: number, right: number, bottom: number]} Box */
/** @typedef {(group: number[]) => number} LogOdds  a group of pieces -> the network's log-odds of the likeliest class */
/** @typedef {{owned: Int32Array, width: number, height: number}} Owned  the piece of every pixel, -1: none */

const SPECK = 0.15;
const BESIDE = 0.1;
const ABOVE = 0.5;
const NARROWEST = 0.05;

const JOINED = 24;
const GAP = 59;
const SIDE_BY_SIDE = 26;
const TOO_WIDE = 97;
const DOUBT = 12;

const SUREST = 10;
const LEAST_SURE = -4;
const WIDE = 0.8;
const WIDE_COST = 11;
const LOW = 0.7;
const LOW_COST = 18;
const WIDEST = 1.8;

const INK = 0.3;
const FRINGE = 2;
const CUT_FROM = 0.9;
const CUT_END = 0.2;
const CUT_STEP = 0.1;
const CUTS = 4;
const UNCUT = 4;
const UNCUT_INK = 6.7;
const ALONE = 3;

const MOST_PIECES = 60;
const MOST_SPECKS = 20000;
const MOST_LOOKS_AT_STROKES = 10;
const MOST_LOOKS_AT_PICTURE = 150;

const LEVELS = 255;

/**
 * The indices of the strokes of every digit, ascending, digits from left to right. A stroke without points and a dot far from
 * every digit are in no group.
 * @param {Point[][]} paths
 * @param {Network} network
 * @returns {number[][]}
 */
export function groupStrokes(paths, network) {
  const drawn = paths.flatMap((path, i) => (path.length ? [i] : []));
  const boxes = drawn.map((i) => boxOf(paths[i]));
  const clusters = clustersOf(boxes);
  const strokesOf = (/** @type {number[]} */ group) => group.flatMap((number) => clusters[number].map((i) => drawn[i]));
  const around = clusters.map((cluster) => aroundAll(cluster.map((i) => boxes[i])));
  const logOdds = (/** @type {number[]} */ group) => oddsOf(network, normaliseStrokes(strokesOf(group).map((i) => paths[i])));
  const row = readRow(around, new Map(), logOdds, MOST_LOOKS_AT_STROKES);
  return row.map((group) => strokesOf(group).sort((a, b) => a - b));
}

/**
 * The digits of a picture from left to right; none when nothing is drawn.
 * @param {Picture} picture
 * @param {Network} network
 * @returns {{box: Box, ink: Grey}[]} boxes in pixels of the picture, right and bottom the first ones beyond; the digit's ink
 *   alone, for `fitInk`, or all of the picture's when it holds nothing else
 */
export function splitPicture(picture, network) {
  const ink = inkOf(picture);
  const peak = max(ink.data);
  if (peak < MIN_CONTRAST) return [];
  const floor = Math.fround(Math.fround(INK) * peak);
  const { labels, boxes: found } = label(ink.data, floor, ink.width, ink.height);
  const clusters = clustersOf(found);
  const owners = new Int32Array(found.length).fill(-1);
  clusters.forEach((cluster, number) => cluster.forEach((i) => (owners[i] = number)));
  const page = { owned: labels.map((i) => (i < 0 ? -1 : owners[i])), width: ink.width, height: ink.height };
  const whole = clusters.length === 1 && clusters[0].length === found.length;
  const { boxes, cuts } = cut(page, clusters.length);
  const factor = Math.fround(LEVELS / peak);
  const full = ink.data.map((value) => value * factor);
  const boxOfGroup = (/** @type {number[]} */ group) => aroundAll(group.map((i) => boxes[i]));
  const alone = (/** @type {number[]} */ group) => cutOut(page, full, group, boxOfGroup(group));
  const logOdds = (/** @type {number[]} */ group) => {
    const fitted = fitInk(alone(group));
    return oddsOf(network, fitted && place(fitted));
  };
  const row = readRow(boxes, cuts, logOdds, MOST_LOOKS_AT_PICTURE);
  const isAll = whole && row.length === 1;
  return row.map((group) => ({ box: boxOfGroup(group), ink: isAll ? ink : alone(group) }));
}

/** @param {Network} network @param {Uint8Array | null} seen */
function oddsOf(network, seen) {
  if (!seen) return LEAST_SURE;
  const best = max(network.run(seen).logProbs, -Infinity);
  return Math.min(SUREST, Math.max(LEAST_SURE, best - Math.log(-Math.expm1(best) + 1e-12)));
}

/** @param {Point[]} path @returns {Box} */
function boxOf(path) {
  return aroundAll(path.map(({ x, y }) => [x, y, x, y]));
}

/** The box around boxes. @param {Box[]} boxes @returns {Box} */
function aroundAll(boxes) {
  /** @type {Box} */
  const all = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [left, top, right, bottom] of boxes) {
    all[0] = Math.min(all[0], left);
    all[1] = Math.min(all[1], top);
    all[2] = Math.max(all[2], right);
    all[3] = Math.max(all[3], bottom);
  }
  return all;
}

/** Height of the tallest box; where all are flat, half the width of the widest. @param {Box[]} boxes */
function lineHeight(boxes) {
  return boxes.reduce((most, [left, top, right, bottom]) => Math.max(most, bottom - top, (right - left) / 2), 0);
}

/** The boxes that stand above each other, as indices; specks are with what they are beside, or nowhere. @param {Box[]} boxes */
function clustersOf(boxes) {
  const height = lineHeight(boxes);
  const isLarge = (/** @type {Box} */ [left, top, right, bottom]) => Math.max(right - left, bottom - top) >= SPECK * height;
  if (boxes.filter(isLarge).length > MOST_PIECES) return [boxes.map((_, i) => i)];
  /** @type {{box: Box, members: number[]}[]} */
  const clusters = [];
  boxes.forEach((each, i) => {
    if (!isLarge(each)) return;
    let [box, members] = [each, [i]];
    for (;;) {
      const at = clusters.findIndex((other) => areAbove(other.box, box, height));
      if (at < 0) break;
      const [above] = clusters.splice(at, 1);
      box = aroundAll([above.box, box]);
      members = [...above.members, ...members];
    }
    clusters.push({ box, members });
  });
  boxes.forEach((speck, i) => {
    if (isLarge(speck)) return;
    const distances = clusters.map(({ box }) => Math.max(box[0] - speck[2], speck[0] - box[2], box[1] - speck[3], speck[1] - box[3]));
    const nearest = Math.min(...distances);
    if (nearest <= BESIDE * height) clusters[distances.indexOf(nearest)].members.push(i);
  });
  return clusters.map(({ members }) => members);
}

/** @param {Box} a @param {Box} b @param {number} height */
function areAbove(a, b, height) {
  const shared = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  return shared >= ABOVE * Math.max(Math.min(a[2] - a[0], b[2] - b[0]), NARROWEST * height);
}

/** Connected pixels of at least `floor`, corners included, numbered from 0. @param {Float32Array} ink @param {number} floor @param {number} width @param {number} height */
function label(ink, floor, width, height) {
  const labels = new Int32Array(ink.length).fill(-1);
  const stack = new Int32Array(ink.length);
  /** @type {Box[]} */
  const boxes = [];
  for (let first = 0; first < ink.length; first += 1) {
    if (ink[first] < floor || labels[first] >= 0) continue;
    /** @type {Box} */
    const box = [width, height, 0, 0];
    let count = 1;
    stack[0] = first;
    labels[first] = boxes.length;
    while (count > 0) {
      const at = stack[(count -= 1)];
      const [x, y] = [at % width, Math.floor(at / width)];
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x + 1);
      box[3] = Math.max(box[3], y + 1);
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column += 1) {
          const to = row * width + column;
          if (labels[to] >= 0 || ink[to] < floor) continue;
          labels[to] = boxes.length;
          stack[count] = to;
          count += 1;
        }
      }
    }
    boxes.push(box);
  }
  if (boxes.length > MOST_SPECKS) return { labels: labels.map((i) => Math.min(i, 0)), boxes: [aroundAll(boxes)] };
  return { labels, boxes };
}

/** The boxes of the pieces numbered from 0. @param {Owned} page @returns {Box[]} */
function boxesOf({ owned, width, height }) {
  /** @type {Box[]} */
  const boxes = [];
  owned.forEach((number, i) => {
    if (number < 0) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    while (boxes.length <= number) boxes.push([width, height, 0, 0]);
    boxes[number] = [
      Math.min(boxes[number][0], x),
      Math.min(boxes[number][1], y),
      Math.max(boxes[number][2], x + 1),
      Math.max(boxes[number][3], y + 1),
    ];
  });
  return boxes;
}

/**
 * Cut pieces too wide for one digit along the columns with the least ink, more often than need be; strips get numbers of
 * their own in `page`, which is changed.
 * @param {Owned} page
 * @param {number} count
 */
function cut(page, count) {
  const { owned } = page;
  const boxes = boxesOf(page);
  const height = lineHeight(boxes);
  const alone = count === 1 && boxes[0][2] - boxes[0][0] <= WIDEST * height;
  /** @type {Map<string, number>} what speaks for leaving two strips side by side together */
  const cuts = new Map();
  let next = count;
  for (let number = 0; number < count; number += 1) {
    const [left, top, right, bottom] = boxes[number];
    const width = right - left;
    if (width <= CUT_FROM * height) continue;
    const ink = new Array(width).fill(0);
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1) if (owned[y * page.width + x] === number) ink[x - left] += 1;
    }
    const end = Math.max(1, round(CUT_END * height));
    const step = Math.max(1, round(CUT_STEP * height));
    const free = ink.map((_, x) => x >= end && x < width - end);
    /** @type {number[]} */
    const places = [];
    while (free.includes(true) && places.length < round((CUTS * width) / height)) {
      const fewest = ink.reduce((least, value, x) => (free[x] ? Math.min(least, value) : least), Infinity);
      const least = ink.flatMap((value, x) => (free[x] && value === fewest ? [x] : []));
      const column = least[Math.floor(least.length / 2)];
      places.push(column);
      free.fill(false, Math.max(0, column - step), column + step + 1);
    }
    places.sort((a, b) => a - b);
    const mean = ink.reduce((sum, value) => sum + value, 0) / width;
    let before = number;
    places.forEach((start, i) => {
      const stop = places[i + 1] ?? width;
      if (ink.slice(start, stop).every((value) => value === 0)) return;
      for (let y = top; y < bottom; y += 1) {
        for (let x = left + start; x < left + stop; x += 1) {
          if (owned[y * page.width + x] === number) owned[y * page.width + x] = next;
        }
      }
      cuts.set(`${before} ${next}`, UNCUT + UNCUT_INK * (ink[start] / mean) + (alone ? ALONE : 0));
      before = next;
      next += 1;
    });
  }
  return { boxes: boxesOf(page), cuts };
}

/** The ink of a group's pieces and of their fringe. @param {Owned} page @param {Float32Array} ink @param {number[]} group @param {Box} box @returns {Grey} */
function cutOut({ owned, width, height }, ink, group, box) {
  const [left, top] = [Math.max(0, box[0] - FRINGE), Math.max(0, box[1] - FRINGE)];
  const [right, bottom] = [Math.min(width, box[2] + FRINGE), Math.min(height, box[3] + FRINGE)];
  const own = new Set(group);
  const isNear = (/** @type {number} */ x, /** @type {number} */ y) => {
    for (let row = Math.max(top, y - FRINGE); row <= Math.min(bottom - 1, y + FRINGE); row += 1) {
      for (let column = Math.max(left, x - FRINGE); column <= Math.min(right - 1, x + FRINGE); column += 1) {
        if (own.has(owned[row * width + column])) return true;
      }
    }
    return false;
  };
  const alone = { data: new Float32Array((right - left) * (bottom - top)), width: right - left, height: bottom - top };
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const at = y * width + x;
      if (owned[at] < 0 ? ink[at] === 0 || !isNear(x, y) : !own.has(owned[at])) continue;
      alone.data[(y - top) * alone.width + x - left] = round(ink[at]);
    }
  }
  return alone;
}

/**
 * The boxes grouped to digits, as indices, digits from left to right.
 * @param {Box[]} boxes
 * @param {Map<string, number>} cuts
 * @param {LogOdds} logOdds
 * @param {number} mostLooks
 * @returns {number[][]}
 */
function readRow(boxes, cuts, logOdds, mostLooks) {
  if (boxes.length === 0) return [];
  const height = Math.max(lineHeight(boxes), 1e-9);
  const order = boxes.map((_, i) => i).sort((a, b) => boxes[a][0] + boxes[a][2] - boxes[b][0] - boxes[b][2]);
  const count = order.length;
  // what speaks for one digit across the border before each piece
  const bonds = [-Infinity];
  for (let i = 1; i < count; i += 1) {
    bonds.push(cuts.get(`${order[i - 1]} ${order[i]}`) ?? bondOf(boxes[order[i - 1]], boxes[order[i]], height));
  }
  bonds.push(-Infinity);

  /** @type {Map<string, number>} `start end` -> worth */
  const runs = new Map();
  /** @type {[number, number][]} */
  const asked = [];
  for (let start = 0; start < count; start += 1) {
    for (let end = start + 1; end <= count; end += 1) {
      const inner = bonds.slice(start + 1, end);
      const weakest = Math.min(...inner);
      const [left, top, right, bottom] = aroundAll(order.slice(start, end).map((i) => boxes[i]));
      const [wide, high] = [(right - left) / height, (bottom - top) / height];
      if (weakest < -DOUBT || (wide > WIDEST && weakest <= DOUBT)) break;
      if (Math.max(bonds[start], bonds[end]) > DOUBT) continue;
      const joined = inner.reduce((sum, bond) => sum + bond, 0);
      runs.set(`${start} ${end}`, joined - WIDE_COST * Math.max(0, wide - WIDE) - LOW_COST * Math.max(0, LOW - high));
      if (bonds.slice(start, end + 1).some((bond) => Math.abs(bond) <= DOUBT)) asked.push([start, end]);
    }
  }
  if (asked.length > mostLooks) {
    const borders = bonds.flatMap((bond, i) => (bond <= 0 ? [i] : []));
    return borders.slice(1).map((end, i) => order.slice(borders[i], end));
  }
  for (const [start, end] of asked) {
    const run = `${start} ${end}`;
    runs.set(run, (runs.get(run) ?? 0) + logOdds(order.slice(start, end)));
  }

  const best = [{ worth: 0, start: 0 }];
  for (let end = 1; end <= count; end += 1) {
    let reading = { worth: -Infinity, start: 0 };
    for (let start = 0; start < end; start += 1) {
      const run = runs.get(`${start} ${end}`);
      if (run !== undefined && best[start].worth + run >= reading.worth) reading = { worth: best[start].worth + run, start };
    }
    best.push(reading);
  }
  /** @type {number[][]} */
  const digits = [];
  for (let end = count; end > 0; end = best[end].start) digits.unshift(order.slice(best[end].start, end));
  return digits;
}

/** What speaks for one digit where two boxes are neighbours. @param {Box} before @param {Box} after @param {number} height */
function bondOf(before, after, height) {
  const [left, top, right, bottom] = aroundAll([before, after]);
  const gap = after[0] - before[2];
  const beside = before[3] - before[1] + (after[3] - after[1]) - (bottom - top);
  return JOINED - (GAP * gap + SIDE_BY_SIDE * beside + TOO_WIDE * Math.max(0, right - left - height)) / height;
}
