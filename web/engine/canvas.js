/**
 * Finding the canvas of a screenshot: the rectangle of one colour that people drew on. The JavaScript counterpart of
 * `mnist_cnn/drawing/canvas.py`, which explains the steps.
 */

import { CANVAS, RASTER } from './constants.js';
import { argmax, findObjects, label, minimumFilter } from './ndimage.js';
import { brightness } from './raster.js';

/** @typedef {import('./raster.js').Picture} Picture */
/** @typedef {import('./raster.js').Grey} Grey */

const { MIN_CANVAS_SHARE, MAX_CORNER, MAX_SIMILAR_SHARE } = CANVAS;
const { BACKGROUND_TOLERANCE, MIN_CONTRAST, MIN_FLAT_SHARE } = RASTER;

/** A picture with everything outside its canvas in the canvas's colour. @param {Picture} picture @returns {Picture} */
export function onCanvas(picture) {
  const grey = brightness(picture);
  const { width, height } = grey;
  const least = MIN_CANVAS_SHARE * width * height;
  const levels = grey.data.map((value) => Math.floor(Math.fround(value + 0.5)));
  const counts = new Uint32Array(256);
  for (const level of levels) counts[level] += 1;
  /** @type {import('./ndimage.js').Box} */
  let canvas = [0, 0, width, height];
  let colour = -1; // the pixel that has it
  while (width > 0 && height > 0) {
    const level = argmax(counts);
    const similar = counts.subarray(Math.max(0, level - MIN_CONTRAST + 1), level + MIN_CONTRAST);
    if (similar.reduce((sum, count) => sum + count, 0) < least) break;
    similar.fill(0);
    const box = canvasOf(grey, level);
    if (!box || !isIn(canvas, box[0], box[1]) || !isIn(canvas, box[2] - 1, box[3] - 1)) continue;
    canvas = box;
    colour = levels.findIndex((value, i) => value === level && isIn(box, i % width, Math.floor(i / width)));
  }
  if (colour < 0 || (isIn(canvas, 0, 0) && isIn(canvas, width - 1, height - 1))) return picture;
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = isIn(canvas, x, y) ? y * width + x : colour;
      for (let channel = 0; channel < 4; channel += 1) data[4 * (y * width + x) + channel] = picture.data[4 * from + channel];
    }
  }
  return { data, width, height };
}

/** @param {import('./ndimage.js').Box} box @param {number} x @param {number} y */
function isIn([left, top, right, bottom], x, y) {
  return x >= left && x < right && y >= top && y < bottom;
}

/** The box of the canvas of this grey level; none if there is none with a drawing. @param {Grey} grey @param {number} level */
function canvasOf({ data, width, height }, level) {
  const differences = data.map((value) => Math.abs(value - level));
  const alike = Uint8Array.from(differences, (value) => Number(value < MIN_CONTRAST));
  const inside = minimumFilter({ data: alike, width, height }, 1).data; // a line of a pixel, though slanting, divides two areas
  const { labels, count } = label({ data: Uint8Array.from(inside), width, height });
  const sizes = new Uint32Array(count);
  for (const number of labels) if (number) sizes[number - 1] += 1;
  const largest = sizes.reduce((best, size, i) => (size > sizes[best] ? i : best), 0);
  const second = sizes.reduce((most, size, i) => (i === largest ? most : Math.max(most, size)), 0);
  if (count === 0 || sizes[largest] < MIN_CANVAS_SHARE * data.length || second > MAX_SIMILAR_SHARE * sizes[largest]) return null;
  const box = findObjects({ data: labels, width, height })[largest];
  const [left, top, right, bottom] = box;
  const isOwn = (/** @type {number} */ x, /** @type {number} */ y) => labels[y * width + x] === largest + 1;
  const [acrossCorner, downCorner] = [Math.trunc(MAX_CORNER * (right - left)), Math.trunc(MAX_CORNER * (bottom - top))];
  for (let x = left + acrossCorner; x < right - acrossCorner; x += 1) if (!isOwn(x, top) || !isOwn(x, bottom - 1)) return null;
  for (let y = top + downCorner; y < bottom - downCorner; y += 1) if (!isOwn(left, y) || !isOwn(right - 1, y)) return null;
  let [own, flat, peak] = [0, 0, 0];
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const value = differences[y * width + x];
      peak = Math.max(peak, value);
      if (!isOwn(x, y)) continue;
      own += 1;
      if (value <= BACKGROUND_TOLERANCE) flat += 1;
    }
  }
  return flat >= MIN_FLAT_SHARE * own && peak >= MIN_CONTRAST ? box : null;
}
