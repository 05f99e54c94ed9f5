/**
 * Grey-level pictures: brightness, ink against the background, resizing. The JavaScript counterpart of
 * `mnist_cnn/drawing/raster.py`; numbers are rounded to 32 bits where Python's are.
 */

import { RASTER } from './constants.js';
import { max, round } from './ndimage.js';

/** @typedef {{data: ArrayLike<number>, width: number, height: number}} Picture  RGBA, as `getImageData` gives it */
/** @typedef {{data: Float32Array, width: number, height: number}} Grey */

const { LUMA_WEIGHTS, MIN_CONTRAST, FAINT_CONTRAST, FLAT_SHARE } = RASTER;

/** Transparent pixels are laid over white, or over black where white would hide all ink. @param {Picture} picture @returns {Grey} */
export function brightness({ data, width, height }) {
  const count = width * height;
  const onBlack = new Float32Array(count);
  const onWhite = new Float32Array(count);
  const [redWeight, greenWeight, blueWeight] = LUMA_WEIGHTS;
  let [lowest, highest, clearest, densest] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < count; i += 1) {
    const [red, green, blue] = [data[4 * i], data[4 * i + 1], data[4 * i + 2]];
    const alpha = Math.fround(data[4 * i + 3] / 255);
    // the weights add up to 1: equal colours are their own brightness, without rounding
    const grey = red === green && green === blue ? red : Math.fround(redWeight * red + greenWeight * green + blueWeight * blue);
    onBlack[i] = grey * alpha;
    onWhite[i] = onBlack[i] + Math.fround(255 * Math.fround(1 - alpha));
    lowest = Math.min(lowest, onWhite[i]);
    highest = Math.max(highest, onWhite[i]);
    clearest = Math.min(clearest, alpha);
    densest = Math.max(densest, alpha);
  }
  const hidden = highest - lowest < MIN_CONTRAST && 255 * (densest - clearest) >= MIN_CONTRAST;
  return { data: hidden ? onBlack : onWhite, width, height };
}

/** The median grey level of the border. @param {Grey} grey */
export function backgroundLevel({ data, width, height }) {
  const border = [];
  for (let x = 0; x < width; x += 1) border.push(data[x], data[(height - 1) * width + x]);
  for (let y = 0; y < height; y += 1) border.push(data[y * width], data[y * width + width - 1]);
  border.sort((a, b) => a - b);
  const half = border.length / 2;
  return Math.fround((border[Math.floor(half - 0.5)] + border[Math.floor(half)]) / 2);
}

/** Strength of the ink: 0 on the background, at most 255. @param {Grey} grey @returns {Grey} */
export function foreground(grey) {
  const background = backgroundLevel(grey);
  const sign = background >= 128 ? -1 : 1;
  return { ...grey, data: grey.data.map((value) => Math.max(0, sign * (value - background))) };
}

/** Whether ink is too faint to be more than noise. @param {Grey} ink */
export function isBlank({ data }) {
  const peak = max(data);
  if (peak >= MIN_CONTRAST || peak < FAINT_CONTRAST) return peak < FAINT_CONTRAST;
  const flat = data.reduce((count, value) => count + Number(value === 0), 0);
  return flat < FLAT_SHARE * data.length;
}

/** How strong most of the ink is: its mean weighted by itself, so that the background and a dark dot hardly count. @param {Grey} ink */
export function usualLevel({ data }) {
  let [sum, squares] = [0, 0];
  for (const value of data) {
    sum += value;
    squares += value * value;
  }
  return squares / sum;
}

/** The longer side brought to `longest` pixels, as Pillow's box filter does it. @param {Grey} grey @param {number} longest @returns {Grey} */
export function resize({ data, width, height }, longest) {
  const scale = longest / Math.max(width, height);
  const newWidth = Math.max(1, round(width * scale));
  const newHeight = Math.max(1, round(height * scale));
  const across = new Float32Array(newWidth * height);
  for (let x = 0; x < newWidth; x += 1) {
    const [first, last] = support(x, width, newWidth);
    for (let y = 0; y < height; y += 1) {
      let sum = 0;
      for (let i = first; i < last; i += 1) sum += data[y * width + i] * (1 / (last - first));
      across[y * newWidth + x] = sum;
    }
  }
  const result = { data: new Float32Array(newWidth * newHeight), width: newWidth, height: newHeight };
  for (let y = 0; y < newHeight; y += 1) {
    const [first, last] = support(y, height, newHeight);
    for (let x = 0; x < newWidth; x += 1) {
      let sum = 0;
      for (let i = first; i < last; i += 1) sum += across[i * newWidth + x] * (1 / (last - first));
      result.data[y * newWidth + x] = sum;
    }
  }
  return result;
}

/** The bounding box of the pixels that are at least `threshold`, of which there are some. @param {Grey} grey @param {number} threshold */
export function boundingBox({ data, width, height }, threshold) {
  /** @type {import('./ndimage.js').Box} */
  const box = [width, height, 0, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (data[y * width + x] < threshold) continue;
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x + 1);
      box[3] = y + 1;
    }
  }
  return box;
}

/** The first old pixel and the one after the last of a new pixel. @param {number} at @param {number} before @param {number} after */
export function support(at, before, after) {
  const scale = before / after;
  const radius = 0.5 * Math.max(scale, 1);
  const centre = (at + 0.5) * scale;
  let first = Math.max(0, Math.trunc(centre - radius + 0.5));
  let last = Math.min(before, Math.trunc(centre + radius + 0.5));
  // the filter is open at its left end and closed at its right
  const inside = (/** @type {number} */ i) => {
    const offset = (i - centre + 0.5) / Math.max(scale, 1);
    return offset > -0.5 && offset <= 0.5;
  };
  while (first < last - 1 && !inside(first)) first += 1;
  while (last > first + 1 && !inside(last - 1)) last -= 1;
  return [first, last];
}
