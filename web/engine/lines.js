/**
 * Lines of writing: pieces of ink are put into lines, top to bottom. The JavaScript counterpart of `mnist_cnn/drawing/lines.py`,
 * which explains the steps.
 */

import { LINES } from './constants.js';

/** @typedef {import('./ndimage.js').Box} Box */
/** @typedef {(group: number[]) => number} LogOdds  a group of pieces -> the network's log-odds of the most likely class */
/** @typedef {[number, number]} Pair */

const { TALL_PIECE, MAX_SMALL_DISTANCE, MIN_LONE_SIZE, MIN_LINE_OVERLAP, MIN_STACK_OVERLAP, LONE_COLUMN_BONUS } = LINES;
const { SURE_LINE_GAP, SURE_OVERLAP, STACK_BONUS, MAX_TALL_PIECES, GIANT, DESCENT_COST } = LINES;

/** The box around boxes. @param {Box[]} boxes @returns {Box} */
export function around(boxes) {
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

/** The pieces in lines, as indices: lines from top to bottom, the pieces of a line in ascending order. @param {Box[]} boxes @param {LogOdds} logOdds @returns {number[][]} */
export function findLines(boxes, logOdds) {
  if (boxes.length === 0) return [];
  const usual = usualHeight(boxes);
  const most = MAX_SMALL_DISTANCE * usual;
  const every = boxes.map((_, i) => i);
  const high = every.filter((i) => boxes[i][3] - boxes[i][1] >= TALL_PIECE * usual);
  const tall = high.length ? high : every.filter((i) => sizeOf(boxes[i]) >= TALL_PIECE * usual);
  const isTall = new Set(tall);
  const smaller = every.filter((i) => !isTall.has(i) && sizeOf(boxes[i]) >= MIN_LONE_SIZE * usual);
  if (tall.length + smaller.length > MAX_TALL_PIECES) return [every];
  const lone = smaller.filter((i) => Math.min(...distances(boxes[i], boxes, tall)) > most);
  tall.push(...lone);
  const columns = merged(boxes, tall, logOdds);
  const columnBoxes = columns.map((column) => around(column.map((i) => boxes[i])));
  let slope = 0;
  /** @type {number[][]} */
  let chains = [];
  for (let turn = 0; turn < 2; turn += 1) {
    const links = linksOf(columnBoxes, slope, GIANT * usual);
    slope = slopeOf(links.map(([a, b]) => [columnBoxes[a], columnBoxes[b]]));
    chains = chainsOf(columns.length, links);
  }
  const heights = chains.map((chain) => chain.reduce((sum, i) => sum + heightAtZero(columnBoxes[i], slope), 0) / chain.length);
  const order = chains.map((_, i) => i).sort((a, b) => heights[a] - heights[b]);
  return withSmallPieces(boxes, order.map((at) => chains[at].flatMap((i) => columns[i])), tall, most);
}

/** Height of a box; of a flat one half the width. @param {Box} box */
function sizeOf([left, top, right, bottom]) {
  return Math.max(bottom - top, (right - left) / 2);
}

/** The median height, where every piece counts as often as it is high. @param {Box[]} boxes */
function usualHeight(boxes) {
  const sizes = boxes.map(sizeOf).sort((a, b) => a - b);
  const half = sizes.reduce((sum, size) => sum + size, 0) / 2;
  let sum = 0;
  return sizes.find((size) => (sum += size) >= half) ?? 0;
}

/** How far two boxes overlap in x (0) or y (1) as a share of the smaller one's side; negative for a gap. @param {Box} a @param {Box} b @param {0 | 1} axis */
function shared(a, b, axis) {
  const end = axis + 2;
  const smaller = Math.min(a[end] - a[axis], b[end] - b[axis]);
  return (Math.min(a[end], b[end]) - Math.max(a[axis], b[axis])) / Math.max(smaller, 1e-9);
}

/** The tall pieces, those together that lie above one another and are one digit. @param {Box[]} boxes @param {number[]} tall @param {LogOdds} logOdds */
function merged(boxes, tall, logOdds) {
  const columns = new Map(tall.map((i) => [i, [i]]));
  const isColumn = tall.slice(1).every((i, before) => shared(boxes[tall[before]], boxes[i], 0) >= MIN_STACK_OVERLAP);
  const lone = isColumn ? LONE_COLUMN_BONUS : 0;
  const stacked = pairsOf(tall)
    .filter(([i, j]) => shared(boxes[i], boxes[j], 0) >= MIN_STACK_OVERLAP && shared(boxes[i], boxes[j], 1) >= -SURE_LINE_GAP)
    .map(([i, j]) => ({ gap: -shared(boxes[i], boxes[j], 1), i, j }))
    .sort((a, b) => a.gap - b.gap || a.i - b.i || a.j - b.j);
  for (const { i, j } of stacked) {
    const [first, second] = [columns.get(i) ?? [], columns.get(j) ?? []];
    if (first === second) continue;
    const gap = -shared(around(first.map((k) => boxes[k])), around(second.map((k) => boxes[k])), 1);
    const together = [...first, ...second].sort((a, b) => a - b);
    if (gap > SURE_OVERLAP) {
      const bonus = lone + STACK_BONUS * (1 - gap / SURE_LINE_GAP);
      if (logOdds(together) + bonus < logOdds(first) + logOdds(second)) continue;
    }
    for (const k of together) columns.set(k, together);
  }
  return [...new Set(columns.values())];
}

/** All pairs, in order. @param {number[]} values @returns {Pair[]} */
function pairsOf(values) {
  return values.flatMap((a, i) => values.slice(i + 1).map((b) => /** @type {Pair} */ ([a, b])));
}

/**
 * Pairs of neighbours in a line, left and right.
 * @param {Box[]} boxes
 * @param {number} slope how far lines fall for every step to the right
 * @param {number} most none is higher
 * @returns {Pair[]}
 */
function linksOf(boxes, slope, most) {
  const level = boxes.map(([left, top, right, bottom]) => {
    const fall = (slope * (left + right)) / 2;
    return /** @type {Box} */ ([left, top - fall, right, bottom - fall]);
  });
  const order = level.map((_, i) => i).sort((a, b) => level[a][0] + level[a][2] - level[b][0] - level[b][2]);
  /** @type {Map<number, {distance: number, a: number}>} the neighbour on the left */
  const best = new Map();
  for (const [a, b] of pairsOf(order.filter((i) => sizeOf(boxes[i]) <= most))) {
    if (shared(level[a], level[b], 1) < MIN_LINE_OVERLAP) continue;
    const [across, down] = [0, 1].map((k) => level[b][k] + level[b][k + 2] - level[a][k] - level[a][k + 2]);
    const distance = across + DESCENT_COST * Math.abs(down);
    const known = best.get(b);
    if (!known || distance < known.distance || (distance === known.distance && a < known.a)) best.set(b, { distance, a });
  }
  const nearest = [...best].map(([b, found]) => ({ ...found, b })).sort((x, y) => x.distance - y.distance || x.a - y.a);
  /** @type {Pair[]} */
  const links = [];
  for (const { a, b } of nearest) {
    // of two pieces above one another only the nearer is in the line of their neighbour
    if (links.every(([other, nearer]) => a !== other || shared(level[b], level[nearer], 0) < MIN_STACK_OVERLAP)) links.push([a, b]);
  }
  return links;
}

/** How far lines fall for every step to the right: the least-squares fit. @param {[Box, Box][]} neighbours */
function slopeOf(neighbours) {
  let [squares, products] = [0, 0];
  for (const [a, b] of neighbours) {
    const across = b[0] + b[2] - a[0] - a[2];
    squares += across * across;
    products += across * (b[1] + b[3] - a[1] - a[3]);
  }
  return squares ? products / squares : 0;
}

/** @param {Box} box @param {number} slope */
function heightAtZero([left, top, right, bottom], slope) {
  return (top + bottom) / 2 - (slope * (left + right)) / 2;
}

/** 0…`count`-1 in groups that `links` connect. @param {number} count @param {Pair[]} links */
function chainsOf(count, links) {
  let group = Array.from({ length: count }, (_, i) => i);
  for (const [a, b] of links) {
    const [old, next] = [group[b], group[a]];
    group = group.map((each) => (each === old ? next : each));
  }
  return [...new Set(group)].map((each) => group.flatMap((own, i) => (own === each ? [i] : [])));
}

/** The lines, and every piece that is not tall in that of the nearest tall piece. @param {Box[]} boxes @param {number[][]} lines @param {number[]} tall @param {number} most its distance */
function withSmallPieces(boxes, lines, tall, most) {
  const lineOf = new Map(lines.flatMap((line, number) => line.map((i) => [i, number])));
  const known = new Set(tall);
  boxes.forEach((box, i) => {
    if (known.has(i)) return;
    const far = distances(box, boxes, tall);
    const nearest = Math.min(...far);
    if (nearest <= most) lines[lineOf.get(tall[far.indexOf(nearest)]) ?? 0].push(i);
  });
  return lines.map((line) => line.sort((a, b) => a - b));
}

/** From a box to each of the others, 0 where they overlap. @param {Box} box @param {Box[]} boxes @param {number[]} others */
function distances(box, boxes, others) {
  return others.map((i) => {
    const [left, top, right, bottom] = boxes[i];
    return Math.hypot(Math.max(left - box[2], box[0] - right, 0), Math.max(top - box[3], box[1] - bottom, 0));
  });
}
