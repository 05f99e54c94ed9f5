/**
 * Finding the canvas of a screenshot: the rectangle of one colour that people drew on. The JavaScript counterpart of
 * `mnist_cnn/drawing/canvas.py`, which explains the steps.
 */

import { CANVAS, RASTER } from './constants.js';
import { argmax, findObjects, label, minimumFilter } from './ndimage.js';
import { brightness } from './raster.js';

/** @typedef {import('./raster.js').Picture} Picture */
/** @typedef {import('./raster.js').Grey} Grey */
/** @typedef {import('./ndimage.js').Box} Box */

const { MIN_CANVAS_SHARE, MAX_CORNER, MAX_SIMILAR_SHARE } = CANVAS;
const { BACKGROUND_TOLERANCE, MIN_CONTRAST, MIN_FLAT_SHARE } = RASTER;

/** A picture with everything outside its canvas in the canvas's colour. @param {Picture} picture @returns {Picture} */
export function onCanvas(picture) {
  const grey = brightness(picture);
  const { width, height } = grey;
  const least = MIN_CANVAS_SHARE * width * height;
  const counts = new Uint32Array(256);
  for (const value of grey.data) counts[Math.floor(Math.fround(value + 0.5))] += 1;
  /** @type {Box} */
  let canvas = [0, 0, width, height];
  let colour = -1; // the pixel that has it
  while (width > 0 && height > 0) {
    const level = argmax(counts);
    const similar = counts.subarray(Math.max(0, level - MIN_CONTRAST + 1), level + MIN_CONTRAST);
    if (similar.reduce((sum, count) => sum + count, 0) < least) break;
    similar.fill(0);
    const isPlain = (/** @type {number} */ value) => Math.abs(value - level) <= BACKGROUND_TOLERANCE;
    for (const box of canvasesOf(grey, level)) {
      if (!contains(canvas, box)) continue;
      canvas = box;
      colour = grey.data.findIndex((value, i) => isPlain(value) && isIn(box, i % width, Math.floor(i / width)));
    }
  }
  if (colour < 0 || contains(canvas, [0, 0, width, height])) return picture;
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = isIn(canvas, x, y) ? y * width + x : colour;
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

/** The boxes of all that may be a canvas of this grey level and has a drawing, the largest first. @param {Grey} grey @param {number} level */
function canvasesOf({ data, width, height }, level) {
  const difference = data.map((value) => Math.abs(value - level));
  const alike = Uint8Array.from(difference, (value) => Number(value < MIN_CONTRAST));
  const inside = minimumFilter({ data: alike, width, height }, 1).data; // a line of a pixel, though slanting, divides two areas
  const { labels, count } = label({ data: Uint8Array.from(inside), width, height });
  const boxes = findObjects({ data: labels, width, height });
  const sizes = new Uint32Array(count);
  for (const number of labels) if (number) sizes[number - 1] += 1;
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
