/**
 * Segmentation: pieces (strokes, or connected components of a picture's ink) are grouped into digits, which stand in a row from
 * left to right. The JavaScript counterpart of `mnist_cnn/drawing/segmentation.py`, which explains the steps.
 */

import { MODEL, RASTER, SEGMENTATION } from './constants.js';
import { findObjects, label, max, round } from './ndimage.js';
import { normaliseInk } from './picture.js';
import { normaliseStrokes } from './strokes.js';

/** @typedef {import('./cnn.js').Network} Network */
/** @typedef {import('./ndimage.js').Box} Box */
/** @typedef {import('./raster.js').Grey} Grey */
/** @typedef {import('./strokes.js').Point} Point */
/** @typedef {(group: number[]) => number} LogOdds  a group of pieces -> the network's log-odds of the most likely class */
/** @typedef {{data: Int32Array, width: number, height: number}} Owned  the piece of every pixel, -1 where there is none */
/** @typedef {[start: number, end: number]} Span  the first piece of a digit and the one after its last, from left to right */

const { SPECK_SIZE, SPECK_DISTANCE, MIN_OVERLAP, MIN_PIECE_WIDTH, MAX_PIECES, MAX_COMPONENTS } = SEGMENTATION;
const { BOND_INTERCEPT, GAP_COST, BESIDE_COST, MAX_DOUBT_STROKES, MAX_DOUBT_PICTURE } = SEGMENTATION;
const { MAX_LOG_ODDS, MIN_LOG_ODDS, MAX_QUERIES_STROKES, MAX_QUERIES_PICTURE } = SEGMENTATION;
const { USUAL_WIDTH, WIDE_COST, USUAL_HEIGHT, SHORT_COST, MAX_DIGIT_WIDTH } = SEGMENTATION;
const { INK_THRESHOLD, FRINGE, MIN_CUT_WIDTH, CUT_MARGIN, CUT_SPACING, CUTS_PER_HEIGHT } = SEGMENTATION;
const { CUT_INTERCEPT, CUT_INK_WEIGHT, LONE_COMPONENT_BONUS } = SEGMENTATION;

/**
 * For each digit, from left to right, the indices of its strokes in ascending order. A stroke without points and a dot far from
 * every digit are in no group.
 * @param {Point[][]} strokes points in fractions of the pad's side
 * @param {Network} network
 * @returns {number[][]}
 */
export function groupStrokes(strokes, network) {
  const drawn = strokes.flatMap((stroke, i) => (stroke.length ? [i] : []));
  const boxes = drawn.map((i) => aroundAll(strokes[i].map(({ x, y }) => [x, y, x, y])));
  const clusters = clustersOf(boxes);
  const around = clusters.map((cluster) => aroundAll(cluster.map((i) => boxes[i])));
  const strokesOf = (/** @type {number[]} */ group) => group.flatMap((number) => clusters[number].map((i) => drawn[i]));
  const logOdds = (/** @type {number[]} */ group) => logOddsOf(network, normaliseStrokes(strokesOf(group).map((i) => strokes[i])));
  const row = readRow(around, new Map(), logOdds, MAX_DOUBT_STROKES, MAX_QUERIES_STROKES);
  return row.map((group) => strokesOf(group).sort((a, b) => a - b));
}

/**
 * The digits of a picture's ink from left to right; none when nothing is drawn.
 * @param {Grey} ink as `inkOf` gives it
 * @param {Network} network
 * @returns {{box: Box, ink: Grey}[]} boxes in pixels; the digit's ink alone, for `fitInk`, or all of the ink when it holds nothing
 *   else
 */
export function splitInk(ink, network) {
  const peak = max(ink.data);
  if (peak < RASTER.MIN_CONTRAST) return [];
  const { labels, count } = labelled(ink, Math.fround(Math.fround(INK_THRESHOLD) * peak));
  const clusters = clustersOf(findObjects({ ...ink, data: labels }));
  const owners = new Int32Array(count + 1).fill(-1);
  clusters.forEach((cluster, number) => cluster.forEach((i) => (owners[i + 1] = number)));
  const owned = { ...ink, data: labels.map((i) => owners[i]) };
  const { boxes, cuts } = cut(owned, clusters.length);
  const factor = Math.fround(255 / peak);
  const scaled = ink.data.map((value) => value * factor);
  const boxOf = (/** @type {number[]} */ group) => aroundAll(group.map((i) => boxes[i]));
  const extracted = (/** @type {number[]} */ group) => extract(owned, scaled, group, boxOf(group));
  const logOdds = (/** @type {number[]} */ group) => logOddsOf(network, normaliseInk(extracted(group)));
  const row = readRow(boxes, cuts, logOdds, MAX_DOUBT_PICTURE, MAX_QUERIES_PICTURE);
  const isAll = row.length === 1 && clusters.length === 1 && clusters[0].length === count;
  return row.map((group) => ({ box: boxOf(group), ink: isAll ? ink : extracted(group) }));
}

/** The components of the ink that is at least `threshold`; too many count as one. @param {Grey} ink @param {number} threshold */
function labelled({ data, width, height }, threshold) {
  const strong = Uint8Array.from(data, (value) => Number(value >= threshold));
  const { labels, count } = label({ data: strong, width, height });
  return count > MAX_COMPONENTS ? { labels: Int32Array.from(strong), count: 1 } : { labels, count };
}

/** The ink of the pieces of a group, which lie in `box`, and of their fringe. @param {Owned} owned @param {Float32Array} ink @param {number[]} group @param {Box} box @returns {Grey} */
function extract({ data, width, height }, ink, group, box) {
  const [left, top] = [Math.max(0, box[0] - FRINGE), Math.max(0, box[1] - FRINGE)];
  const [right, bottom] = [Math.min(width, box[2] + FRINGE), Math.min(height, box[3] + FRINGE)];
  const own = new Set(group);
  const isNear = (/** @type {number} */ x, /** @type {number} */ y) => {
    for (let row = Math.max(top, y - FRINGE); row <= Math.min(bottom - 1, y + FRINGE); row += 1) {
      for (let column = Math.max(left, x - FRINGE); column <= Math.min(right - 1, x + FRINGE); column += 1) {
        if (own.has(data[row * width + column])) return true;
      }
    }
    return false;
  };
  const digit = { data: new Float32Array((right - left) * (bottom - top)), width: right - left, height: bottom - top };
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const at = y * width + x;
      if (data[at] < 0 ? ink[at] === 0 || !isNear(x, y) : !own.has(data[at])) continue;
      digit.data[(y - top) * digit.width + x - left] = round(ink[at]);
    }
  }
  return digit;
}

/** The log-odds of an image's most likely digit. @param {Network} network @param {Uint8Array | null} seen */
function logOddsOf(network, seen) {
  if (!seen) return MIN_LOG_ODDS;
  const best = max(network.run(seen).logProbs.subarray(0, MODEL.CLASSES), -Infinity);
  return Math.min(MAX_LOG_ODDS, Math.max(MIN_LOG_ODDS, best - Math.log(-Math.expm1(best) + 1e-12)));
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

/** Boxes that lie above one another, as indices; a speck joins the nearest cluster unless that is too far away. @param {Box[]} boxes */
function clustersOf(boxes) {
  const height = lineHeight(boxes);
  const isLarge = (/** @type {Box} */ [left, top, right, bottom]) => Math.max(right - left, bottom - top) >= SPECK_SIZE * height;
  if (boxes.filter(isLarge).length > MAX_PIECES) return [boxes.map((_, i) => i)];
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
    if (nearest <= SPECK_DISTANCE * height) clusters[distances.indexOf(nearest)].members.push(i);
  });
  return clusters.map(({ members }) => members);
}

/** Whether one of two boxes lies above the other. @param {Box} a @param {Box} b @param {number} height */
function areAbove(a, b, height) {
  const shared = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  return shared >= MIN_OVERLAP * Math.max(Math.min(a[2] - a[0], b[2] - b[0]), MIN_PIECE_WIDTH * height);
}

/** The boxes of the pieces. @param {Owned} owned */
function boxesOf(owned) {
  return findObjects({ ...owned, data: owned.data.map((number) => number + 1) });
}

/**
 * Cut pieces too wide for one digit into strips, more than necessary; strips get their own numbers in `owned`, which is
 * changed.
 * @param {Owned} owned
 * @param {number} count of pieces
 */
function cut(owned, count) {
  const { data } = owned;
  const boxes = boxesOf(owned);
  const height = lineHeight(boxes);
  const alone = count === 1 && boxes[0][2] - boxes[0][0] <= MAX_DIGIT_WIDTH * height;
  /** @type {Map<string, number>} the evidence that two adjacent strips are one digit */
  const cuts = new Map();
  let added = count;
  for (let number = 0; number < count; number += 1) {
    const [left, top, right, bottom] = boxes[number];
    const width = right - left;
    if (width <= MIN_CUT_WIDTH * height) continue;
    const ink = new Array(width).fill(0);
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1) if (data[y * owned.width + x] === number) ink[x - left] += 1;
    }
    const mean = ink.reduce((sum, value) => sum + value, 0) / width;
    const columns = cutColumns(ink, height);
    let before = number;
    columns.forEach((start, i) => {
      const stop = columns[i + 1] ?? width;
      if (ink.slice(start, stop).every((value) => value === 0)) return;
      for (let y = top; y < bottom; y += 1) {
        for (let x = left + start; x < left + stop; x += 1) {
          if (data[y * owned.width + x] === number) data[y * owned.width + x] = added;
        }
      }
      cuts.set(`${before} ${added}`, CUT_INTERCEPT + CUT_INK_WEIGHT * (ink[start] / mean) + (alone ? LONE_COMPONENT_BONUS : 0));
      before = added;
      added += 1;
    });
  }
  return { boxes: boxesOf(owned), cuts };
}

/** Where to cut a piece: the columns with the least ink, not too close together. @param {number[]} ink pixels per column @param {number} height */
function cutColumns(ink, height) {
  const width = ink.length;
  const margin = Math.max(1, round(CUT_MARGIN * height));
  const spacing = Math.max(1, round(CUT_SPACING * height));
  const free = ink.map((_, x) => x >= margin && x < width - margin);
  /** @type {number[]} */
  const columns = [];
  while (free.includes(true) && columns.length < round((CUTS_PER_HEIGHT * width) / height)) {
    const fewest = ink.reduce((least, value, x) => (free[x] ? Math.min(least, value) : least), Infinity);
    const least = ink.flatMap((value, x) => (free[x] && value === fewest ? [x] : []));
    const column = least[Math.floor(least.length / 2)];
    columns.push(column);
    free.fill(false, Math.max(0, column - spacing), column + spacing + 1);
  }
  return columns.sort((a, b) => a - b);
}

/**
 * The boxes grouped into digits, as indices, digits from left to right.
 * @param {Box[]} boxes
 * @param {Map<string, number>} cuts the evidence between strips of one piece
 * @param {LogOdds} logOdds
 * @param {number} maxDoubt
 * @param {number} maxQueries
 * @returns {number[][]}
 */
function readRow(boxes, cuts, logOdds, maxDoubt, maxQueries) {
  if (boxes.length === 0) return [];
  const height = Math.max(lineHeight(boxes), 1e-9);
  const order = boxes.map((_, i) => i).sort((a, b) => boxes[a][0] + boxes[a][2] - boxes[b][0] - boxes[b][2]);
  const bonds = [-Infinity]; // evidence for one digit across the border before each piece; the ends of the row are borders too
  for (let i = 1; i < order.length; i += 1) {
    bonds.push(cuts.get(`${order[i - 1]} ${order[i]}`) ?? bondOf(boxes[order[i - 1]], boxes[order[i]], height));
  }
  bonds.push(-Infinity);

  const candidates = shapeScores(order.map((i) => boxes[i]), bonds, height, maxDoubt);
  const doubtful = candidates.filter(({ span: [start, end] }) => bonds.slice(start, end + 1).some((bond) => Math.abs(bond) <= maxDoubt));
  if (doubtful.length > maxQueries) {
    const borders = bonds.flatMap((bond, i) => (bond <= 0 ? [i] : []));
    return borders.slice(1).map((end, i) => order.slice(borders[i], end));
  }
  for (const candidate of doubtful) candidate.score += logOdds(order.slice(...candidate.span));
  return bestReading(candidates, order.length).map((span) => order.slice(...span));
}

/**
 * The spans of boxes, in a row, that may be a digit, and their geometric scores.
 * @param {Box[]} boxes
 * @param {number[]} bonds
 * @param {number} height
 * @param {number} maxDoubt
 */
function shapeScores(boxes, bonds, height, maxDoubt) {
  /** @type {{span: Span, score: number}[]} */
  const candidates = [];
  for (let start = 0; start < boxes.length; start += 1) {
    for (let end = start + 1; end <= boxes.length; end += 1) {
      const inner = bonds.slice(start + 1, end);
      const weakest = Math.min(...inner);
      const [left, top, right, bottom] = aroundAll(boxes.slice(start, end));
      const [wide, high] = [(right - left) / height, (bottom - top) / height];
      if (weakest < -maxDoubt || (wide > MAX_DIGIT_WIDTH && weakest <= maxDoubt)) break;
      if (Math.max(bonds[start], bonds[end]) > maxDoubt) continue;
      const joined = inner.reduce((sum, bond) => sum + bond, 0);
      const score = joined - WIDE_COST * Math.max(0, wide - USUAL_WIDTH) - SHORT_COST * Math.max(0, USUAL_HEIGHT - high);
      candidates.push({ span: [start, end], score });
    }
  }
  return candidates;
}

/** The spans that cover `count` pieces with the greatest sum of scores, by dynamic programming. @param {{span: Span, score: number}[]} candidates @param {number} count */
function bestReading(candidates, count) {
  const best = [{ score: 0, start: 0 }]; // of the first 0, 1, 2… pieces, and where its last digit starts
  for (let last = 1; last <= count; last += 1) {
    let reading = { score: -Infinity, start: 0 };
    for (const { span: [start, end], score } of candidates) {
      if (end === last && best[start].score + score >= reading.score) reading = { score: best[start].score + score, start };
    }
    best.push(reading);
  }
  /** @type {Span[]} */
  const spans = [];
  for (let end = count; end > 0; end = best[end].start) spans.unshift([best[end].start, end]);
  return spans;
}

/** The evidence that two neighbouring boxes are one digit. @param {Box} before @param {Box} after @param {number} height */
function bondOf(before, after, height) {
  const [gap, beside] = gapAndSideBySide(before, after, height);
  return BOND_INTERCEPT - GAP_COST * gap - BESIDE_COST * beside;
}

/**
 * How far `after` begins behind the end of `before`, and how far both span the same height; in line heights.
 *
 * @param {Box} before
 * @param {Box} after
 * @param {number} height
 * @returns {[number, number]}
 */
function gapAndSideBySide(before, after, height) {
  const [, top, , bottom] = aroundAll([before, after]);
  const beside = before[3] - before[1] + (after[3] - after[1]) - (bottom - top);
  return [(after[0] - before[2]) / height, beside / height];
}
