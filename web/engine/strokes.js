/**
 * Pen strokes, points in fractions of the pad's side -> a 28 × 28 image in MNIST's format. The JavaScript counterpart of
 * `mnist_cnn/drawing/strokes.py`, which explains the steps.
 */

import { PICTURE, STROKES } from './constants.js';
import { clip } from './ndimage.js';
import { place } from './picture.js';

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{data: Float64Array, width: number, height: number}} StrokeInk  0…255 */

const { STROKE_WIDTH, EDGE_WIDTH, EDGE_MARGIN, MIN_EXTENT } = STROKES;
/** From the middle of a stroke to where its soft edge ends. */
const REACH = (STROKE_WIDTH + EDGE_WIDTH) / 2;

/** As an image that MNIST could hold; null when there are no points. @param {Point[][]} strokes @returns {Uint8Array | null} */
export function normaliseStrokes(strokes) {
  const ink = strokeInk(strokes);
  return ink && place(ink);
}

/** In MNIST's size and stroke width, not yet in their place; null when there are no points. @param {Point[][]} strokes @returns {StrokeInk | null} */
export function strokeInk(strokes) {
  const points = strokes.flat();
  if (points.length === 0) return null;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const reach = STROKE_WIDTH / 2 + 0.5;
  const scale = (PICTURE.BOX_SIZE - 2 * reach) / Math.max(right - left, bottom - top, MIN_EXTENT);
  const fullWidth = (right - left) * scale + 2 * reach;
  const fullHeight = (bottom - top) * scale + 2 * reach;
  const width = Math.ceil(fullWidth - 1e-6) + 2 * EDGE_MARGIN;
  const height = Math.ceil(fullHeight - 1e-6) + 2 * EDGE_MARGIN;
  const offsetX = (width - fullWidth) / 2 + reach;
  const offsetY = (height - fullHeight) / 2 + reach;
  const paths = strokes.map((stroke) =>
    stroke.map(({ x, y }) => ({ x: (x - left) * scale + offsetX, y: (y - top) * scale + offsetY })),
  );
  const ink = squaredDistance(paths, width, height).map((squared) => clip(REACH - Math.sqrt(squared), 0, EDGE_WIDTH));
  const peak = 255 / ink.reduce((most, value) => Math.max(most, value), 0);
  return { data: ink.map((value) => value * peak), width, height };
}

/** Squared distance from the centre of every pixel to the paths, as far as ink reaches. @param {Point[][]} paths @param {number} width @param {number} height */
function squaredDistance(paths, width, height) {
  const nearest = new Float64Array(width * height).fill(REACH * REACH);
  for (const path of paths) {
    path.forEach((end, i) => {
      if (i > 0 || path.length === 1) addSegment(nearest, width, height, path[Math.max(0, i - 1)], end);
    });
  }
  return nearest;
}

/** @param {Float64Array} nearest is brought up to date @param {number} width @param {number} height @param {Point} start @param {Point} end */
function addSegment(nearest, width, height, start, end) {
  const dx = end.x - start.x;
  const dy = end.y - start.y;
  const length = Math.max(dx * dx + dy * dy, 1e-12);
  const firstRow = Math.max(0, Math.floor(Math.min(start.y, end.y) - REACH));
  const lastRow = Math.min(height - 1, Math.ceil(Math.max(start.y, end.y) + REACH));
  const firstColumn = Math.max(0, Math.floor(Math.min(start.x, end.x) - REACH));
  const lastColumn = Math.min(width - 1, Math.ceil(Math.max(start.x, end.x) + REACH));
  for (let row = firstRow; row <= lastRow; row += 1) {
    const py = row + 0.5 - start.y;
    for (let column = firstColumn; column <= lastColumn; column += 1) {
      const px = column + 0.5 - start.x;
      const along = clip((px * dx + py * dy) / length, 0, 1);
      const offX = px - along * dx;
      const offY = py - along * dy;
      const squared = offX * offX + offY * offY;
      if (squared < nearest[row * width + column]) nearest[row * width + column] = squared;
    }
  }
}
