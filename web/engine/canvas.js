/**
 * Finding what a screenshot shows: the canvas, which is the rectangle of one colour that people drew on, or a photograph. The
 * JavaScript counterpart of `mnist_cnn/drawing/canvas.py`, which explains the steps.
 */

import { isGrain } from './background.js';
import { CANVAS, RASTER } from './constants.js';
import { argmax, clip, crop, findObjects, label, mapTo, maximumFilter, median, minimumFilter, sum } from './ndimage.js';
import { brightness } from './raster.js';

/** @typedef {import('./raster.js').Picture} Picture */
/** @typedef {import('./raster.js').Grey} Grey */
/** @typedef {import('./ndimage.js').Box} Box */

const { MIN_CANVAS_SHARE, MAX_CORNER, MAX_SIMILAR_SHARE, MIN_GRAIN, JPEG_BLOCK, MIN_BLOCKS, MIN_FILL } = CANVAS;
const { BACKGROUND_TOLERANCE, MIN_CONTRAST, MIN_FLAT_SHARE } = RASTER;

/** A picture with everything outside its canvas in the canvas's colour, or the sides of its photograph repeated outwards. @param {Picture} picture @returns {Picture} */
export function onCanvas(picture) {
  const grey = brightness(picture);
  const { width, height } = grey;
  const photograph = width > 0 && height > 0 ? photographIn(grey) : null;
  if (photograph) {
    const [left, top, right, bottom] = photograph;
    return painted(picture, (x, y) => clip(y, top, bottom - 1) * width + clip(x, left, right - 1));
  }
  const least = MIN_CANVAS_SHARE * width * height;
  const counts = new Uint32Array(256);
  for (let i = 0; i < grey.data.length; i += 1) counts[Math.floor(Math.fround(grey.data[i] + 0.5))] += 1;
  /** @type {Box} */
  let canvas = [0, 0, width, height];
  let colour = -1; // the pixel that has it
  while (width > 0 && height > 0) {
    const level = argmax(counts);
    const similar = counts.subarray(Math.max(0, level - MIN_CONTRAST + 1), level + MIN_CONTRAST);
    if (sum(similar) < least) break;
    similar.fill(0);
    const isPlain = (/** @type {number} */ value) => Math.abs(value - level) <= BACKGROUND_TOLERANCE;
    for (const box of canvasesOf(grey, level)) {
      if (!contains(canvas, box)) continue;
      canvas = box;
      colour = grey.data.findIndex((value, i) => isPlain(value) && isIn(box, i % width, Math.floor(i / width)));
    }
  }
  if (colour < 0 || contains(canvas, [0, 0, width, height])) return picture;
  return painted(picture, (x, y) => (isIn(canvas, x, y) ? y * width + x : colour));
}

/** A picture of the same size, each pixel as another one is there. @param {Picture} picture @param {(x: number, y: number) => number} fromAt @returns {Picture} */
function painted(picture, fromAt) {
  const { width, height } = picture;
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = fromAt(x, y);
      for (let channel = 0; channel < 4; channel += 1) data[4 * (y * width + x) + channel] = picture.data[4 * from + channel];
    }
  }
  return { data, width, height };
}

/** @param {Box} box @param {number} x @param {number} y */
function isIn([left, top, right, bottom], x, y) {
  return x >= left && x < right && y >= top && y < bottom;
}

/** @param {Box} outer @param {Box} inner */
function contains(outer, [left, top, right, bottom]) {
  return isIn(outer, left, top) && isIn(outer, right - 1, bottom - 1);
}

/** The rectangle of a photograph, without its sides; null unless a page lies around it. @param {Grey} grey @returns {Box | null} */
function photographIn(grey) {
  const { width, height } = grey;
  const grain = isGrain(grey);
  if (sum(grain) / grain.length < MIN_GRAIN * MIN_CANVAS_SHARE) return null;
  const near = maximumFilter({ data: grain, width, height }, JPEG_BLOCK).data;
  const { labels, count } = label({ data: new Uint8Array(near), width, height });
  const found = findObjects({ data: labels, width, height })[argmax(sizesOf(labels, count))];
  const inset = 2 * JPEG_BLOCK;
  const [left, top] = [found[0] && found[0] + inset, found[1] && found[1] + inset];
  const [right, bottom] = [found[2] === width ? width : found[2] - inset, found[3] === height ? height : found[3] - inset];
  const area = (right - left) * (bottom - top);
  if (Math.min(right - left, bottom - top) < MIN_BLOCKS * JPEG_BLOCK || area < MIN_CANVAS_SHARE * grain.length) return null;
  const rowLevel = (/** @type {number} */ y) => median(grey.data.subarray(y * width + left, y * width + right));
  const columnLevel = (/** @type {number} */ x) => median(crop(grey, [x, top, x + 1, bottom]).data);
  const steps = [
    ...stepsOf(rowLevel, [found[1], top], [found[3] - 1, bottom - 1]),
    ...stepsOf(columnLevel, [found[0], left], [found[2] - 1, right - 1]),
  ];
  let [filled, differ] = [0, 0];
  for (let y = top; y < bottom; y += 1) {
    filled += sum(near.subarray(y * width + left, y * width + right));
    differ += sum(grain.subarray(y * width + left, y * width + right));
  }
  const isOnPage = steps.length > 0 && Math.min(...steps) > BACKGROUND_TOLERANCE;
  return isOnPage && filled / area >= MIN_FILL && differ / area >= MIN_GRAIN ? [left, top, right, bottom] : null;
}

/** By how much the levels of each two lines differ, where they are not the same line. @param {(at: number) => number} levelAt @param {...[number, number]} pairs */
function stepsOf(levelAt, ...pairs) {
  return pairs.filter(([a, b]) => a !== b).map(([a, b]) => Math.abs(levelAt(a) - levelAt(b)));
}

/** How many pixels have the labels 1, 2, 3… @param {Int32Array} labels @param {number} count */
function sizesOf(labels, count) {
  const sizes = new Uint32Array(count);
  for (let i = 0; i < labels.length; i += 1) if (labels[i]) sizes[labels[i] - 1] += 1;
  return sizes;
}

/** The boxes of all that may be a canvas of this grey level and has a drawing, the largest first. @param {Grey} grey @param {number} level */
function canvasesOf({ data, width, height }, level) {
  const difference = data.map((value) => Math.abs(value - level));
  const alike = mapTo(Uint8Array, difference, (value) => Number(value < MIN_CONTRAST));
  const inside = minimumFilter({ data: alike, width, height }, 1).data; // a line of a pixel, though slanting, divides two areas
  const { labels, count } = label({ data: new Uint8Array(inside), width, height });
  const boxes = findObjects({ data: labels, width, height });
  const sizes = sizesOf(labels, count);
  const large = [...sizes.keys()].filter((i) => sizes[i] >= MIN_CANVAS_SHARE * data.length).sort((a, b) => sizes[b] - sizes[a]);
  return large.filter((number) => {
    const isAlone = boxes.every((box, i) => sizes[i] <= MAX_SIMILAR_SHARE * sizes[number] || contains(box, boxes[number]));
    return isAlone && isCanvas({ data: labels, width, height }, number + 1, boxes[number], difference);
  }).map((number) => boxes[number]);
}

/**
 * Whether an area is flat, bounded by its own colour but for the corners, and has a drawing.
 * @param {{data: Int32Array, width: number, height: number}} labels @param {number} own its label
 * @param {Box} box @param {Float32Array} difference from its grey level
 */
function isCanvas({ data, width }, own, [left, top, right, bottom], difference) {
  const isOwn = (/** @type {number} */ x, /** @type {number} */ y) => data[y * width + x] === own;
  const [across, down] = [Math.trunc(MAX_CORNER * (right - left)), Math.trunc(MAX_CORNER * (bottom - top))];
  for (let x = left + across; x < right - across; x += 1) if (!isOwn(x, top) || !isOwn(x, bottom - 1)) return false;
  for (let y = top + down; y < bottom - down; y += 1) if (!isOwn(left, y) || !isOwn(right - 1, y)) return false;
  let [all, flat, peak] = [0, 0, 0];
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const value = difference[y * width + x];
      peak = Math.max(peak, value);
      if (!isOwn(x, y)) continue;
      all += 1;
      if (value <= BACKGROUND_TOLERANCE) flat += 1;
    }
  }
  return flat >= MIN_FLAT_SHARE * all && peak >= MIN_CONTRAST;
}
