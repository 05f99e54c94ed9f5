/**
 * What a visitor drew -> what MNIST would have made of it. The same steps and numbers as `mnist_cnn/strokes.py` (strokes) and
 * `mnist_cnn/drawing.py` (pictures), where the reasons stand; a test holds them against each other.
 * In:  strokes, points in shares of the pad's side; or the pixels of a picture.
 * Out: 28 × 28 grey levels, row by row, bright ink on 0; null when nothing is drawn.
 */

import { IMAGE_SIZE } from './cnn.js';
import { brightness, groundLevel, max, MIN_CONTRAST, resize, round } from './raster.js';
import { clean, isPhoto } from './photo.js';

/** @typedef {{x: number, y: number}} Point */
/** @typedef {import('./raster.js').Picture} Picture */
/** @typedef {import('./raster.js').Grey} Grey */
/** @typedef {{data: Float32Array | Float64Array, width: number, height: number}} Ink  at its final size, 0…255 */

const BOX_SIZE = 20;
/** Row and column of the centre of mass in an image. */
export const CENTRE = 14;

const STROKE_WIDTH = 2.3;
const EDGE = 2;
const MARGIN = 1;
const SMALLEST = 0.05;

const BOX_FLOOR = 0.1;
const STROKE_WIDTHS = [2.0, 2.7];
const HARD = 64;
const BLURS = 2;
const MAX_CHANGE = 1.5;
const FINER = 4;

/** @param {number} value @param {number} low @param {number} high */
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/**
 * @param {Point[][]} strokes points in shares of the pad's side
 * @returns {Uint8Array | null}
 */
export function normaliseStrokes(strokes) {
  const ink = strokeInk(strokes);
  return ink && place(ink);
}

/** The step before: strokes at their final size and width, not yet in their place. @param {Point[][]} strokes @returns {Ink | null} */
export function strokeInk(strokes) {
  const paths = strokes.filter((stroke) => stroke.length > 0);
  if (paths.length === 0) return null;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const path of paths) {
    for (const { x, y } of path) {
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  const reach = STROKE_WIDTH / 2 + 0.5;
  const scale = (BOX_SIZE - 2 * reach) / Math.max(right - left, bottom - top, SMALLEST);
  const fullWidth = (right - left) * scale + 2 * reach;
  const fullHeight = (bottom - top) * scale + 2 * reach;
  const width = Math.ceil(fullWidth - 1e-6) + 2 * MARGIN;
  const height = Math.ceil(fullHeight - 1e-6) + 2 * MARGIN;
  const offsetX = (width - fullWidth) / 2 + reach;
  const offsetY = (height - fullHeight) / 2 + reach;

  // Squared distance from every pixel's centre to the path, as far as ink reaches
  const limit = (STROKE_WIDTH + EDGE) / 2;
  const nearest = new Float64Array(width * height).fill(limit * limit);
  for (const path of paths) {
    for (let i = path.length === 1 ? 0 : 1; i < path.length; i += 1) {
      const from = path[Math.max(0, i - 1)];
      const startX = (from.x - left) * scale + offsetX;
      const startY = (from.y - top) * scale + offsetY;
      const endX = (path[i].x - left) * scale + offsetX;
      const endY = (path[i].y - top) * scale + offsetY;
      const dx = endX - startX;
      const dy = endY - startY;
      const length = Math.max(dx * dx + dy * dy, 1e-12);
      const firstRow = Math.max(0, Math.floor(Math.min(startY, endY) - limit));
      const lastRow = Math.min(height - 1, Math.ceil(Math.max(startY, endY) + limit));
      const firstColumn = Math.max(0, Math.floor(Math.min(startX, endX) - limit));
      const lastColumn = Math.min(width - 1, Math.ceil(Math.max(startX, endX) + limit));
      for (let row = firstRow; row <= lastRow; row += 1) {
        const py = row + 0.5 - startY;
        for (let column = firstColumn; column <= lastColumn; column += 1) {
          const px = column + 0.5 - startX;
          const along = clamp((px * dx + py * dy) / length, 0, 1);
          const offX = px - along * dx;
          const offY = py - along * dy;
          const distance = offX * offX + offY * offY;
          if (distance < nearest[row * width + column]) nearest[row * width + column] = distance;
        }
      }
    }
  }
  const ink = nearest.map((squared) => clamp(limit - Math.sqrt(squared), 0, EDGE));
  const peak = 255 / ink.reduce((most, value) => Math.max(most, value), 0);
  return { data: ink.map((value) => value * peak), width, height };
}

/**
 * @param {Picture} picture
 * @returns {Uint8Array | null}
 */
export function normalise(picture) {
  const ink = fitInk(inkOf(isPhoto(picture) ? clean(picture) : picture));
  return ink && place(ink);
}

/** What a demo gets that feeds its canvas straight to the network. @param {Picture} picture a square one */
export function plainResize(picture) {
  return Uint8Array.from(resize(inkOf(picture), IMAGE_SIZE).data, round);
}

/** The step before: ink at its final size, not yet in its place. @param {Grey} ink a picture's, of any size @returns {Ink | null} */
export function fitInk(ink) {
  const peak = max(ink.data);
  if (peak < MIN_CONTRAST) return null;
  const factor = Math.fround(255 / peak);
  const full = { ...ink, data: ink.data.map((value) => value * factor) };
  const small = resize(mendWidth(cutOut(full)), BOX_SIZE);
  const rest = Math.fround(255 / max(small.data));
  return { ...small, data: small.data.map((value) => value * rest) };
}

/** Strength of the ink, 0 on the ground; the ground is what most of the border shows. @param {Picture} picture @returns {Grey} */
export function inkOf(picture) {
  const { data, width, height } = brightness(picture);
  const ground = groundLevel({ data, width, height });
  const sign = ground >= 128 ? -1 : 1;
  return { data: data.map((value) => Math.max(0, sign * (value - ground))), width, height };
}

/** The part within the ink's bounding box. @param {Grey} ink @returns {Grey} */
function cutOut({ data, width, height }) {
  const floor = Math.fround(Math.fround(BOX_FLOOR) * max(data));
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (data[y * width + x] < floor) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  const box = { data: new Float32Array((right - left + 1) * (bottom - top + 1)), width: right - left + 1, height: bottom - top + 1 };
  for (let y = 0; y < box.height; y += 1) {
    const start = (top + y) * width + left;
    box.data.set(data.subarray(start, start + box.width), y * box.width);
  }
  return box;
}

/** Mean width of the strokes in pixels, ink over half the length of its outline, and mean steepness of their edges. @param {Grey} box */
function strokesOf(box) {
  const blurred = blur(pad(box, 3));
  let mass = 0;
  let outline = 0;
  let squares = 0;
  for (let y = 0; y < blurred.height; y += 1) {
    for (let x = 0; x < blurred.width; x += 1) {
      const value = blurred.data[y * blurred.width + x];
      mass += value;
      if (x === 0 || y === 0) continue;
      const slope = Math.hypot(value - blurred.data[y * blurred.width + x - 1], value - blurred.data[(y - 1) * blurred.width + x]);
      outline += slope;
      squares += slope * slope;
    }
  }
  return { width: (2 * mass) / outline, steepness: squares / outline };
}

/** The mean over 3×3, of all pixels but those at the border. @param {Grey} image @returns {Grey} */
function blur({ data, width, height }) {
  const mean = { data: new Float32Array((width - 2) * (height - 2)), width: width - 2, height: height - 2 };
  for (let y = 0; y < mean.height; y += 1) {
    for (let x = 0; x < mean.width; x += 1) {
      let sum = 0;
      for (let i = 0; i < 3; i += 1) for (let j = 0; j < 3; j += 1) sum += data[(y + i) * width + x + j];
      mean.data[y * mean.width + x] = sum / 9;
    }
  }
  return mean;
}

/**
 * Strokes thinner or thicker than MNIST's are brought to its width, at a multiple of the final size. Hard edges of strokes
 * that are not too thick are made soft.
 * @param {Grey} box
 * @returns {Grey}
 */
function mendWidth(box) {
  const fine = resize(box, FINER * BOX_SIZE);
  const strokes = strokesOf(fine);
  const width = strokes.width / FINER;
  const change = FINER * clamp((clamp(width, STROKE_WIDTHS[0], STROKE_WIDTHS[1]) - width) / 2, -MAX_CHANGE, MAX_CHANGE);
  if (change < 0) {
    const ground = pad(fine, 1);
    const grown = grow({ ...ground, data: ground.data.map((value) => 255 - value) }, -change);
    const thinner = { ...grown, data: grown.data.map((value) => 255 - value) };
    return max(thinner.data) > 127 ? cutOut(thinner) : fine;
  }
  const hard = strokes.steepness > HARD;
  if (change === 0 && !hard) return box;
  let mended = grow(pad(fine, Math.ceil(change)), change);
  for (let i = 0; i < BLURS && hard; i += 1) mended = blur(pad(mended, 2));
  return cutOut(mended);
}

/** Dilation by crosses and squares of 3×3 in turn; the last step may be a part of one. @param {Grey} image @param {number} pixels */
function grow(image, pixels) {
  const { width, height } = image;
  let data = image.data;
  for (let step = 0; pixels > 0; step += 1, pixels -= 1) {
    const next = new Float32Array(data.length);
    const share = Math.fround(Math.min(pixels, 1));
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        let most = 0;
        for (let i = -1; i <= 1; i += 1) {
          for (let j = -1; j <= 1; j += 1) {
            if (i !== 0 && j !== 0 && step % 2 === 0) continue;
            const value = data[clamp(y + i, 0, height - 1) * width + clamp(x + j, 0, width - 1)];
            if (value > most) most = value;
          }
        }
        const old = data[y * width + x];
        next[y * width + x] = old + Math.fround(share * Math.fround(most - old));
      }
    }
    data = next;
  }
  return { data, width, height };
}

/** With `by` pixels of ground around it. @param {Grey} box @param {number} by @returns {Grey} */
function pad(box, by) {
  const width = box.width + 2 * by;
  const data = new Float32Array(width * (box.height + 2 * by));
  for (let y = 0; y < box.height; y += 1) {
    data.set(box.data.subarray(y * box.width, (y + 1) * box.width), (y + by) * width + by);
  }
  return { data, width, height: box.height + 2 * by };
}

/** Ink put into 28 × 28 with its centre of mass at CENTRE. @param {Ink} ink */
export function place({ data: ink, width, height }) {
  let [mass, across, down] = [0, 0, 0];
  ink.forEach((value, i) => {
    mass += value;
    across += value * (i % width);
    down += value * Math.floor(i / width);
  });
  const corner = (/** @type {number} */ moment, /** @type {number} */ length) =>
    clamp(Math.floor(CENTRE - moment / mass + 0.5 + 1e-6), 0, IMAGE_SIZE - length);
  const left = corner(across, width);
  const top = corner(down, height);
  const image = new Uint8Array(IMAGE_SIZE * IMAGE_SIZE);
  ink.forEach((value, i) => {
    image[(top + Math.floor(i / width)) * IMAGE_SIZE + left + (i % width)] = round(value);
  });
  return image;
}
