/**
 * The ink of a picture -> a 28 × 28 image in MNIST's format, row by row, bright ink on 0. The JavaScript counterpart of
 * `mnist_cnn/drawing/picture.py`, which explains the steps.
 */

import { onCanvas } from './canvas.js';
import { MODEL, PICTURE } from './constants.js';
import { clip, crop, max, pad, round } from './ndimage.js';
import { clean, isPhoto } from './photo.js';
import { boundingBox, brightness, foreground, isBlank, resize, usualLevel } from './raster.js';

/** @typedef {import('./raster.js').Picture} Picture */
/** @typedef {import('./raster.js').Grey} Grey */
/** @typedef {{data: Float32Array | Float64Array, width: number, height: number}} Ink  at its final size, 0…255 */

const { BOX_SIZE, CENTRE, BOX_THRESHOLD, MAX_PEAK } = PICTURE;
const { STROKE_WIDTH_RANGE, MAX_EDGE_SHIFT, OVERSAMPLING, HARD_EDGE, BLUR_PASSES } = PICTURE;
const { IMAGE_SIZE } = MODEL;

/**
 * Strength of the ink: 0 on the background, at most 255. A photograph is cleaned first; of a screenshot only the canvas counts.
 * @param {Picture} picture @returns {Grey}
 */
export function inkOf(picture) {
  const canvas = onCanvas(picture);
  return foreground(isPhoto(canvas) ? clean(canvas) : brightness(canvas));
}

/** Ink of any size as an image that MNIST could hold; null when nothing is drawn. @param {Grey} ink @returns {Uint8Array | null} */
export function normaliseInk(ink) {
  const fitted = fitInk(ink);
  return fitted && place(fitted);
}

/** Ink in MNIST's size and stroke width, not yet in its place; null when nothing is drawn. @param {Grey} ink @returns {Grey | null} */
export function fitInk(ink) {
  if (isBlank(ink)) return null;
  const factor = Math.fround(255 / Math.min(max(ink.data), MAX_PEAK * usualLevel(ink)));
  const scaled = { ...ink, data: ink.data.map((value) => Math.min(255, value * factor)) };
  const small = resize(adjustStrokes(cropInk(scaled)), BOX_SIZE);
  const rest = Math.fround(255 / max(small.data));
  return { ...small, data: small.data.map((value) => value * rest) };
}

/** Ink put into 28 × 28 with its centre of mass at `CENTRE`, or as near as fits. @param {Ink} fitted @returns {Uint8Array} */
export function place({ data, width, height }) {
  let [mass, across, down] = [0, 0, 0];
  data.forEach((value, i) => {
    mass += value;
    across += value * (i % width);
    down += value * Math.floor(i / width);
  });
  const corner = (/** @type {number} */ moment, /** @type {number} */ length) =>
    clip(Math.floor(CENTRE - moment / mass + 0.5 + 1e-6), 0, IMAGE_SIZE - length);
  const left = corner(across, width);
  const top = corner(down, height);
  const image = new Uint8Array(IMAGE_SIZE * IMAGE_SIZE);
  data.forEach((value, i) => {
    image[(top + Math.floor(i / width)) * IMAGE_SIZE + left + (i % width)] = round(value);
  });
  return image;
}

/**
 * An image seen otherwise, the ink put in its place again: mirrored left to right, mirrored top to bottom, turned to the left by one,
 * two and three quarters.
 * @param {Uint8Array} seen 28 × 28 grey levels, some of them ink @returns {Uint8Array[]}
 */
export function views(seen) {
  const lines = Array.from({ length: IMAGE_SIZE }, (_, i) => i);
  const rows = lines.filter((y) => lines.some((x) => seen[y * IMAGE_SIZE + x]));
  const columns = lines.filter((x) => lines.some((y) => seen[y * IMAGE_SIZE + x]));
  const [top, bottom, left, right] = [rows[0], rows[rows.length - 1], columns[0], columns[columns.length - 1]];
  const [width, height] = [right - left + 1, bottom - top + 1];
  /** @param {boolean} onSide @param {(x: number, y: number) => [number, number]} from where a pixel comes from */
  const view = (onSide, from) => {
    const ink = { width: onSide ? height : width, height: onSide ? width : height, data: new Float64Array(width * height) };
    ink.data.forEach((_, i) => {
      const [x, y] = from(i % ink.width, Math.floor(i / ink.width));
      ink.data[i] = seen[(top + y) * IMAGE_SIZE + left + x];
    });
    return place(ink);
  };
  return [
    view(false, (x, y) => [width - 1 - x, y]),
    view(false, (x, y) => [x, height - 1 - y]),
    view(true, (x, y) => [width - 1 - y, x]),
    view(false, (x, y) => [width - 1 - x, height - 1 - y]),
    view(true, (x, y) => [y, height - 1 - x]),
  ];
}

/** Mean width of the strokes in pixels, and mean steepness of their edges in grey levels per pixel. @param {Grey} ink */
export function measureStrokes(ink) {
  const { data, width, height } = blurred(pad(ink, 3));
  let mass = 0;
  let outline = 0;
  let squares = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const value = data[y * width + x];
      mass += value;
      if (x === 0 || y === 0) continue;
      const slope = Math.hypot(value - data[y * width + x - 1], value - data[(y - 1) * width + x]);
      outline += slope;
      squares += slope * slope;
    }
  }
  return { width: (2 * mass) / outline, steepness: squares / outline };
}

/** The part within the ink's bounding box. @param {Grey} ink */
function cropInk(ink) {
  return crop(ink, boundingBox(ink, Math.fround(Math.fround(BOX_THRESHOLD) * max(ink.data))));
}

/**
 * Strokes thinner or thicker than MNIST's are brought to its width, at a multiple of the final size. Hard edges of strokes
 * that are not too thick are softened.
 * @param {Grey} box
 * @returns {Grey}
 */
function adjustStrokes(box) {
  const fine = resize(box, OVERSAMPLING * BOX_SIZE);
  const strokes = measureStrokes(fine);
  const width = strokes.width / OVERSAMPLING;
  const missing = clip(width, STROKE_WIDTH_RANGE[0], STROKE_WIDTH_RANGE[1]) - width;
  const shift = OVERSAMPLING * clip(missing / 2, -MAX_EDGE_SHIFT, MAX_EDGE_SHIFT);
  if (shift < 0) {
    const thinner = inverted(dilated(inverted(pad(fine, 1)), -shift));
    return max(thinner.data) > 127 ? cropInk(thinner) : fine;
  }
  const hard = strokes.steepness > HARD_EDGE;
  if (shift === 0 && !hard) return box;
  let thicker = dilated(pad(fine, Math.ceil(shift)), shift);
  for (let i = 0; i < BLUR_PASSES && hard; i += 1) thicker = blurred(pad(thicker, 2));
  return cropInk(thicker);
}

/** @param {Grey} image @returns {Grey} */
function inverted(image) {
  return { ...image, data: image.data.map((value) => 255 - value) };
}

/** The mean over 3×3, of all pixels but those at the border. @param {Grey} image @returns {Grey} */
function blurred({ data, width, height }) {
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

/** Dilation by alternating crosses and squares of 3×3; the last step may be partial. @param {Grey} image @param {number} pixels @returns {Grey} */
function dilated(image, pixels) {
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
            const value = data[clip(y + i, 0, height - 1) * width + clip(x + j, 0, width - 1)];
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
