/**
 * Finding the canvas of a screenshot: the rectangle of one colour that people drew on. The JavaScript counterpart of
 * `mnist_cnn/drawing/canvas.py`, which explains the steps.
 */

import { CANVAS, RASTER } from './constants.js';
import { argmax, findObjects, label, minimumFilter } from './ndimage.js';
import { brightness } from './raster.js';

/** @typedef {import('./raster.js').Picture} Picture */
/** @typedef {import('./raster.js').Grey} Grey */

const { MIN_CANVAS_SHARE, MIN_EDGE_SHARE, MAX_SIMILAR_SHARE } = CANVAS;
const { BACKGROUND_TOLERANCE, MIN_CONTRAST, MIN_FLAT_SHARE } = RASTER;

/** A picture with everything outside its canvas in the canvas's colour. @param {Picture} picture @returns {Picture} */
export function onCanvas(picture) {
  const grey = brightness(picture);
  const { width, height } = grey;
  const least = MIN_CANVAS_SHARE * width * height;
  const levels = grey.data.map((value) => Math.floor(Math.fround(value + 0.5)));
  const counts = new Uint32Array(256);
  for (const level of levels) counts[level] += 1;
  let area = Infinity;
  /** @type {import('./ndimage.js').Box | null} */
  let canvas = null;
  let colour = 0; // the pixel that has it
  while (width > 0 && height > 0) {
    const level = argmax(counts);
    const similar = counts.subarray(Math.max(0, level - MIN_CONTRAST + 1), level + MIN_CONTRAST);
    if (similar.reduce((sum, count) => sum + count, 0) < least) break;
    similar.fill(0);
    const box = canvasOf(grey, level);
    if (!box) continue;
    const [left, top, right, bottom] = box;
    if ((right - left) * (bottom - top) >= area) continue;
    area = (right - left) * (bottom - top);
    canvas = box;
    colour = levels.findIndex((value, i) => value === level && isIn(box, i % width, Math.floor(i / width)));
  }
  if (!canvas || area === width * height) return picture;
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
  let [own, flat, peak, edge, ownEdge] = [0, 0, 0, 0, 0]; // pixels, but for the peak; those of the outline count at each side
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const isOwn = labels[y * width + x] === largest + 1;
      const value = differences[y * width + x];
      const edges = Number(y === top) + Number(y === bottom - 1) + Number(x === left) + Number(x === right - 1);
      peak = Math.max(peak, value);
      edge += edges;
      if (!isOwn) continue;
      own += 1;
      ownEdge += edges;
      if (value <= BACKGROUND_TOLERANCE) flat += 1;
    }
  }
  const isCanvas = ownEdge >= MIN_EDGE_SHARE * edge && flat >= MIN_FLAT_SHARE * own;
  return isCanvas && peak >= MIN_CONTRAST ? box : null;
}
