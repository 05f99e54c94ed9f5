/**
 * Segmentation: pieces (strokes, or connected components of a picture's ink) are grouped into digits, line by line from left to
 * right. The JavaScript counterpart of `mnist_cnn/drawing/segmentation.py`, which explains the steps.
 */

import { MODEL, ROWS, SEGMENTATION } from './constants.js';
import { around, findLines } from './lines.js';
import { findObjects, label, mapTo, max, round } from './ndimage.js';
import { normaliseInk } from './picture.js';
import { isBlank, usualLevel } from './raster.js';
import { clustersOfLines, lineHeight, readLines, wholeLetters } from './rows.js';
import { normaliseStrokes } from './strokes.js';

/** @typedef {import('./cnn.js').Network} Network */
/** @typedef {import('./lines.js').LogOdds} LogOdds */
/** @typedef {import('./ndimage.js').Box} Box */
/** @typedef {import('./raster.js').Grey} Grey */
/** @typedef {import('./strokes.js').Point} Point */
/** @typedef {import('./rows.js').Reading} Reading */
/** @typedef {{data: Int32Array, width: number, height: number}} Owned  the piece of every pixel, -1 where there is none */
/** @typedef {{box: Box, ink: Grey, line: number}} Piece  one digit: its box in pixels, its ink alone, for `fitInk`, or all of the ink when it holds nothing else; its line, 0 at the top */

const { INK_THRESHOLD, FRINGE, MIN_CUT_WIDTH, CUT_MARGIN, CUT_SPACING, CUTS_PER_HEIGHT, WAIST_CUTS, MAX_COMPONENTS } = SEGMENTATION;
const { CUT_INTERCEPT, CUT_INK_WEIGHT, LONE_COMPONENT_BONUS } = SEGMENTATION;
const { MAX_FRAGMENTS, MIN_FRAGMENT_ODDS, MAX_SHAPE_GAP, CUT_ONE_COST } = SEGMENTATION;
const { MAX_LOG_ODDS, MIN_LOG_ODDS, MAX_QUERIES_STROKES, MAX_QUERIES_PICTURE, MAX_DIGIT_WIDTH } = ROWS;
const { MAX_DOUBT_STROKES, MAX_DOUBT_PICTURE } = ROWS;

/**
 * For each digit, line by line from left to right, the indices of its strokes in ascending order. A stroke without points and a
 * dot far from every digit are in no group.
 * @param {Point[][]} strokes points in fractions of the pad's side
 * @param {Network} network
 * @returns {number[][]}
 */
export function groupStrokes(strokes, network) {
  return groupLines(strokes, network).flat();
}

/** For each line, from top to bottom, its digits as `groupStrokes` gives them. @param {Point[][]} strokes @param {Network} network @returns {number[][][]} */
export function groupLines(strokes, network) {
  const drawn = strokes.flatMap((stroke, i) => (stroke.length ? [i] : []));
  const boxes = drawn.map((i) => around(strokes[i].map(({ x, y }) => [x, y, x, y])));
  const readStrokes = (/** @type {number[]} */ group) => read(network, normaliseStrokes(group.map((i) => strokes[drawn[i]])));
  const { clusters, lineOf } = clustersOfLines(boxes, findLines(boxes, (group) => readStrokes(group).odds));
  const strokesOf = (/** @type {number[]} */ group) => group.flatMap((number) => clusters[number]);
  const clusterBoxes = clusters.map((cluster) => around(cluster.map((i) => boxes[i])));
  const readClusters = (/** @type {number[]} */ group) => readStrokes(strokesOf(group));
  const limits = /** @type {[number, number]} */ ([MAX_DOUBT_STROKES, MAX_QUERIES_STROKES]);
  let lines = readLines(clusterBoxes, lineOf, new Map(), (group) => readClusters(group).odds, limits);
  if (lines.flat().length <= MAX_FRAGMENTS) lines = lines.map((line) => joinParts(line, clusterBoxes, readClusters));
  const groups = lines.flat();
  if (groups.length > 1 && groups.length <= MAX_FRAGMENTS && mayBeOneDigit(clusterBoxes)) {
    const every = clusters.map((_, i) => i);
    const parts = groups.map(readClusters);
    const isBroken = Math.min(...parts.map(({ odds }) => odds)) < MIN_FRAGMENT_ODDS && mayBeOneShape(clusterBoxes, lines);
    if (isBroken || areParts(parts, () => readClusters(every))) lines = [[every]];
  }
  return lines.map((line) => line.map((group) => strokesOf(group).map((i) => drawn[i]).sort((a, b) => a - b)));
}

/** The digits of a picture's ink, as `inkOf` gives it, line by line from left to right; none without ink. @param {Grey} ink @param {Network} network @returns {Piece[]} */
export function splitInk(ink, network) {
  if (isBlank(ink)) return [];
  const peak = max(ink.data);
  const { labels, count } = labelled(ink, Math.fround(INK_THRESHOLD * usualLevel(ink)));
  const factor = Math.fround(255 / peak);
  const scaled = ink.data.map((value) => value * factor);
  const oddsIn = (/** @type {Owned} */ among, /** @type {Box[]} */ places) => (/** @type {number[]} */ group) =>
    logOddsOf(network, normaliseInk(extract(among, scaled, places, group)));

  const components = findObjects({ ...ink, data: labels });
  const separate = { ...ink, data: labels.map((number) => number - 1) };
  const found = clustersOfLines(components, findLines(components, oddsIn(separate, components)));
  const owners = new Int32Array(count + 1).fill(-1);
  let { clusters } = found;
  const { lineOf } = found;
  clusters.forEach((cluster, number) => cluster.forEach((i) => (owners[i + 1] = number)));
  let owned = { ...ink, data: labels.map((number) => owners[number]) };
  const pieces = cut(owned, lineOf);
  let { boxes } = pieces;
  let lines = readLines(boxes, lineOf, pieces.cuts, oddsIn(owned, boxes), [MAX_DOUBT_PICTURE, MAX_QUERIES_PICTURE]);
  const readGroup = (/** @type {number[]} */ group) => read(network, normaliseInk(extract(owned, scaled, boxes, group)));
  lines = lines.map((line) => wholeLetters(line, pieces.cuts, readGroup));
  const groups = lines.flat();
  let isWhole = false;
  if (groups.length === 1 && clusters.flat().length < count) {
    const [without, withSpecks] = [extract(owned, scaled, boxes, groups[0]), ink].map((each) => logOddsOf(network, normaliseInk(each)));
    isWhole = withSpecks > without;
  } else if (groups.length > 1 && groups.length <= MAX_FRAGMENTS && mayBeOneDigit(boxes)) {
    const parts = groups.map(readGroup);
    const sum = parts.reduce((all, { odds }) => all + odds, 0);
    const inLetter = clusters.length === 1 && sum < CUT_ONE_COST * parts.filter(({ digit }) => digit === 1).length;
    const least = Math.min(...parts.map(({ odds }) => odds));
    const isBroken = (least < MIN_FRAGMENT_ODDS || inLetter) && mayBeOneShape(components, lines);
    isWhole = isBroken || areParts(parts, () => read(network, normaliseInk(ink)), { broken: true });
  }
  if (isWhole) {
    const every = components.map((_, i) => i);
    [lines, clusters, owned, boxes] = [[[every]], [every], separate, components];
  }
  const isAll = lines.flat().length === 1 && clusters.length === 1 && clusters[0].length === count;
  return lines.flatMap((line, number) =>
    line.map((group) => ({
      box: around(group.map((i) => boxes[i])),
      ink: isAll ? ink : extract(owned, scaled, boxes, group),
      line: number,
    })),
  );
}

/** Whether these boxes together are no wider than a digit may be. @param {Box[]} boxes */
function mayBeOneDigit(boxes) {
  const [left, top, right, bottom] = around(boxes);
  return right - left <= MAX_DIGIT_WIDTH * (bottom - top);
}

/** The groups of a line, two neighbours joined where they are parts of one digit. @param {number[][]} line @param {Box[]} boxes @param {(group: number[]) => Reading} readGroup */
function joinParts(line, boxes, readGroup) {
  /** @type {number[][]} */
  const joined = [];
  for (let start = 0; start < line.length; start += 1) {
    const own = line.slice(start, start + 2);
    const both = own.flat();
    const fits = own.length === 2 && mayBeOneDigit(both.map((i) => boxes[i]));
    const isOne = fits && areParts(own.map(readGroup), () => readGroup(both));
    joined.push(isOne ? both : line[start]);
    if (isOne) start += 1;
  }
  return joined;
}

/**
 * Whether these parts are one digit: one is likelier none, and all together are likelier one that no part is already.
 * @param {Reading[]} parts @param {() => Reading} whole
 * @param {{broken?: boolean}} [ink] broken: strokes may be broken, so that a part may be that digit already, but less clearly
 */
function areParts(parts, whole, { broken = false } = {}) {
  if (parts.every(({ odds }) => odds >= 0)) return false;
  const { odds, digit } = whole();
  const alike = parts.filter((part) => part.odds > 0 && part.digit === digit).map((part) => part.odds);
  return broken ? odds > Math.max(0, ...alike) : odds > 0 && alike.length === 0;
}

/** Whether the boxes, read as these lines, may be those of one shape: close together, and no wider than a digit may be. @param {Box[]} boxes @param {number[][][]} lines */
function mayBeOneShape(boxes, lines) {
  const [left, , right] = around(boxes);
  const height = lineHeight(boxes);
  if (lines.length !== 1 || right - left > MAX_DIGIT_WIDTH * height) return false;
  const ordered = [...boxes].sort((a, b) => a[0] - b[0]);
  let end = -Infinity;
  return ordered.every((box, i) => {
    const isNear = i === 0 || box[0] - end <= MAX_SHAPE_GAP * height;
    end = Math.max(end, box[2]);
    return isNear;
  });
}

/** The components of the ink that is at least `threshold`; too many count as one. @param {Grey} ink @param {number} threshold */
function labelled({ data, width, height }, threshold) {
  const strong = mapTo(Uint8Array, data, (value) => Number(value >= threshold));
  const { labels, count } = label({ data: strong, width, height });
  return count > MAX_COMPONENTS ? { labels: new Int32Array(strong), count: 1 } : { labels, count };
}

/** The ink of the pieces of a group, which lie in their boxes, and of their fringe. @param {Owned} owned @param {Float32Array} ink @param {Box[]} boxes @param {number[]} group @returns {Grey} */
function extract({ data, width, height }, ink, boxes, group) {
  const box = around(group.map((i) => boxes[i]));
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
  return read(network, seen).odds;
}

/** What an image looks like most. @param {Network} network @param {Uint8Array | null} seen @returns {Reading} */
function read(network, seen) {
  if (!seen) return { odds: MIN_LOG_ODDS, digit: -1 };
  const logProbs = network.run(seen).logProbs.subarray(0, MODEL.CLASSES);
  const best = max(logProbs, -Infinity);
  const odds = Math.min(MAX_LOG_ODDS, Math.max(MIN_LOG_ODDS, best - Math.log(-Math.expm1(best) + 1e-12)));
  return { odds, digit: logProbs.indexOf(best) };
}

/** The boxes of the pieces. @param {Owned} owned */
function boxesOf(owned) {
  return findObjects({ ...owned, data: owned.data.map((number) => number + 1) });
}

/**
 * Cut pieces too wide for one digit into strips, more than necessary; strips get their own numbers in `owned` and their lines in
 * `lineOf`, which are changed.
 * @param {Owned} owned
 * @param {number[]} lineOf the line of every piece
 */
function cut(owned, lineOf) {
  const { data } = owned;
  const boxes = boxesOf(owned);
  const count = boxes.length;
  const heights = new Map([...new Set(lineOf)].map((line) => [line, lineHeight(boxes.filter((_, i) => lineOf[i] === line))]));
  /** @type {Map<string, number>} the evidence that two adjacent strips are one digit */
  const cuts = new Map();
  for (let number = 0; number < count; number += 1) {
    const [left, top, right, bottom] = boxes[number];
    const width = right - left;
    const height = heights.get(lineOf[number]) ?? 0;
    if (width <= MIN_CUT_WIDTH * height) continue;
    const alone = count === 1 && width <= MAX_DIGIT_WIDTH * height;
    const ink = new Array(width).fill(0);
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1) if (data[y * owned.width + x] === number) ink[x - left] += 1;
    }
    const mean = ink.reduce((sum, value) => sum + value, 0) / width;
    const extents = extentsOf(owned, number, boxes[number]);
    const tallest = Math.max(...extents);
    const columns = cutColumns(ink, extents, height);
    let before = number;
    columns.forEach((start, i) => {
      const stop = columns[i + 1] ?? width;
      if (ink.slice(start, stop).every((value) => value === 0)) return;
      const added = lineOf.push(lineOf[number]) - 1;
      for (let y = top; y < bottom; y += 1) {
        for (let x = left + start; x < left + stop; x += 1) {
          if (data[y * owned.width + x] === number) data[y * owned.width + x] = added;
        }
      }
      cuts.set(`${before} ${added}`, CUT_INTERCEPT + CUT_INK_WEIGHT * Math.min(ink[start] / mean, extents[start] / tallest) + (alone ? LONE_COMPONENT_BONUS : 0));
      before = added;
    });
  }
  return { boxes: boxesOf(owned), cuts };
}

/** How many rows lie between the uppermost and the lowest pixel of every column of a piece. @param {Owned} owned @param {number} number @param {Box} box */
function extentsOf({ data, width }, number, [left, top, right, bottom]) {
  return Array.from({ length: right - left }, (_, x) => {
    const isOwn = (/** @type {number} */ y) => data[y * width + left + x] === number;
    let [first, last] = [top, bottom - 1];
    while (first <= last && !isOwn(first)) first += 1;
    while (last > first && !isOwn(last)) last -= 1;
    return last - first + 1;
  });
}

/**
 * Where to cut a piece, not too close together: first at the waists, where round digits touch, then where there is least ink.
 * @param {number[]} ink pixels per column
 * @param {number[]} extents per column
 * @param {number} height
 */
function cutColumns(ink, extents, height) {
  const width = ink.length;
  const margin = Math.max(1, round(CUT_MARGIN * height));
  const spacing = Math.max(1, round(CUT_SPACING * height));
  const free = ink.map((_, x) => x >= margin && x < width - margin);
  /** @type {number[]} */
  const columns = [];
  while (free.includes(true) && columns.length < round((CUTS_PER_HEIGHT * width) / height)) {
    const profile = columns.length < WAIST_CUTS ? extents : ink;
    const fewest = profile.reduce((least, value, x) => (free[x] ? Math.min(least, value) : least), Infinity);
    const least = profile.flatMap((value, x) => (free[x] && value === fewest ? [x] : []));
    const column = least[Math.floor(least.length / 2)];
    columns.push(column);
    free.fill(false, Math.max(0, column - spacing), column + spacing + 1);
  }
  return columns.sort((a, b) => a - b);
}
