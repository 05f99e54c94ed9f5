/**
 * One line of writing: its pieces are grouped into digits, from left to right. The JavaScript counterpart of
 * `mnist_cnn/drawing/rows.py`, which explains the steps.
 */

import { ROWS } from './constants.js';
import { around } from './lines.js';

/** @typedef {import('./lines.js').LogOdds} LogOdds */
/** @typedef {import('./ndimage.js').Box} Box */
/** @typedef {{odds: number, digit: number}} Reading  the log-odds of an image's most likely digit, and that digit; without an image, -1 */
/** @typedef {[start: number, end: number]} Span  the first piece of a digit and the one after its last, from left to right */

const { SPECK_SIZE, SPECK_DISTANCE, MIN_OVERLAP, MIN_PIECE_WIDTH, MAX_PIECES } = ROWS;
const { BOND_INTERCEPT, GAP_COST, DEPTH_COST } = ROWS;
const { USUAL_WIDTH, WIDE_COST, USUAL_HEIGHT, SHORT_COST, SIGN_SCORE, MAX_DIGIT_WIDTH, MAX_QUERIES_OF_LINES, MIN_LETTERS } = ROWS;

/**
 * `clustersOf` each line, as indices of all boxes; and the line of every cluster.
 * @param {Box[]} boxes @param {number[][]} lines
 */
export function clustersOfLines(boxes, lines) {
  /** @type {number[][]} */
  const clusters = [];
  /** @type {number[]} */
  const lineOf = [];
  lines.forEach((line, number) => {
    for (const cluster of clustersOf(line.map((i) => boxes[i]))) {
      clusters.push(cluster.map((i) => line[i]));
      lineOf.push(number);
    }
  });
  return { clusters, lineOf };
}

/**
 * The boxes of every line grouped into digits, as indices.
 * @param {Box[]} boxes
 * @param {number[]} lineOf the line of every box
 * @param {Map<string, number>} cuts the evidence between strips of one piece
 * @param {LogOdds} logOdds
 * @param {[maxDoubt: number, maxQueries: number]} limits of strokes or of pictures
 * @returns {number[][][]} lines in ascending order, without empty ones
 */
export function readLines(boxes, lineOf, cuts, logOdds, [maxDoubt, maxQueries]) {
  const lines = [...new Set(lineOf)].sort((a, b) => a - b);
  const most = Math.min(maxQueries, Math.floor(MAX_QUERIES_OF_LINES / Math.max(1, lines.length)));
  return lines.map((line) => {
    const row = lineOf.flatMap((own, i) => (own === line ? [i] : []));
    return readRow(boxes, row, cuts, logOdds, [maxDoubt, most]);
  });
}

/**
 * The boxes of a row grouped into digits, as indices, digits from left to right.
 * @param {Box[]} boxes
 * @param {number[]} row some of them
 * @param {Map<string, number>} cuts the evidence between strips of one piece
 * @param {LogOdds} logOdds
 * @param {[maxDoubt: number, maxQueries: number]} limits
 * @returns {number[][]}
 */
function readRow(boxes, row, cuts, logOdds, [maxDoubt, maxQueries]) {
  const height = Math.max(lineHeight(row.map((i) => boxes[i])), 1e-9);
  const order = [...row].sort((a, b) => boxes[a][0] + boxes[a][2] - boxes[b][0] - boxes[b][2]);
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
  const isCut = bonds.map((_, i) => cuts.has(`${order[i - 1]} ${order[i]}`));
  for (const candidate of candidates) {
    const [start, end] = candidate.span;
    if (isCut.slice(start, end + 1).includes(true)) continue; // neither a part of a piece nor a piece too wide for one digit is a sign
    candidate.score = Math.max(candidate.score, SIGN_SCORE + candidate.joined);
  }
  return bestReading(candidates, order.length).map((span) => order.slice(...span));
}

/**
 * The spans of boxes, in a row, that may be a digit, the evidence that their pieces are joined, and their geometric scores.
 * @param {Box[]} boxes
 * @param {number[]} bonds
 * @param {number} height
 * @param {number} maxDoubt
 */
function shapeScores(boxes, bonds, height, maxDoubt) {
  /** @type {{span: Span, joined: number, score: number}[]} */
  const candidates = [];
  for (let start = 0; start < boxes.length; start += 1) {
    for (let end = start + 1; end <= boxes.length; end += 1) {
      const inner = bonds.slice(start + 1, end);
      const weakest = Math.min(...inner);
      const [left, top, right, bottom] = around(boxes.slice(start, end));
      const [wide, high] = [(right - left) / height, (bottom - top) / height];
      if (weakest < -maxDoubt || (wide > MAX_DIGIT_WIDTH && weakest <= maxDoubt)) break;
      if (Math.max(bonds[start], bonds[end]) > maxDoubt) continue;
      const joined = inner.reduce((sum, bond) => sum + bond, 0);
      const score = joined - WIDE_COST * Math.max(0, wide - USUAL_WIDTH) - SHORT_COST * Math.max(0, USUAL_HEIGHT - high);
      candidates.push({ span: [start, end], joined, score });
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
  const [gap, depth] = gapAndDepth(before, after, height);
  return BOND_INTERCEPT - GAP_COST * gap - DEPTH_COST * depth;
}

/**
 * How far `after` begins behind the end of `before`, and how deep the shorter's middle lies beside the taller; in line heights,
 * both may be negative.
 * @param {Box} before
 * @param {Box} after
 * @param {number} height
 * @returns {[number, number]}
 */
export function gapAndDepth(before, after, height) {
  const [shorter, taller] = [before, after].sort((a, b) => a[3] - a[1] - (b[3] - b[1]));
  const middle = (shorter[1] + shorter[3]) / 2;
  return [(after[0] - before[2]) / height, Math.min(middle - taller[1], taller[3] - middle) / height];
}

/**
 * The groups of a line, from left to right; in one of letters, those that were cut are whole again.
 * A letter is likelier no digit; or it was cut, and one of its parts is likelier no digit or looks like a 1, as stems do.
 * @param {number[][]} line
 * @param {Map<string, number>} cuts as for `readLines`
 * @param {(group: number[]) => Reading} readGroup
 */
export function wholeLetters(line, cuts, readGroup) {
  /** @type {Map<number, number>} of every strip but the first of a piece */
  const pieceOf = new Map();
  for (const [before, after] of [...cuts.keys()].map((pair) => pair.split(' ').map(Number))) pieceOf.set(after, pieceOf.get(before) ?? before);
  const pieces = line.map((group) => new Set(group.map((strip) => pieceOf.get(strip) ?? strip)));
  const every = [...new Set(pieces.flatMap((own) => [...own]))];
  const parts = new Map(every.map((piece) => [piece, line.filter((_, i) => pieces[i].has(piece))]));
  if (every.length === pieces.reduce((sum, { size }) => sum + size, 0)) return line;
  const readings = new Map(line.map((group) => [group, readGroup(group)]));
  const isLetter = (/** @type {number[][]} */ groups) =>
    groups.some((group) => {
      const { odds, digit } = /** @type {Reading} */ (readings.get(group));
      return odds < 0 || (groups.length > 1 && digit === 1);
    });
  const letters = new Set(every.filter((piece) => isLetter(parts.get(piece) ?? [])));
  if (letters.size < MIN_LETTERS || letters.size <= every.length / 2) return line;
  /** @type {number[][]} */
  const joined = [];
  /** @type {Set<number>} the letters of which the last group is a part */
  let last = new Set();
  line.forEach((group, i) => {
    if ([...pieces[i]].some((piece) => last.has(piece))) {
      joined.push([...(joined.pop() ?? []), ...group]);
    } else {
      joined.push(group);
      last = new Set();
    }
    for (const piece of pieces[i]) if (letters.has(piece)) last.add(piece);
  });
  return joined;
}

/** Boxes that lie above one another, as indices; a speck joins the nearest cluster unless that is too far away. @param {Box[]} boxes */
export function clustersOf(boxes) {
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
      box = around([above.box, box]);
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

/** Height of the tallest box; where all are flat, half the width of the widest. @param {Box[]} boxes */
export function lineHeight(boxes) {
  return boxes.reduce((most, [left, top, right, bottom]) => Math.max(most, bottom - top, (right - left) / 2), 0);
}
