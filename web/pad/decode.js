/**
 * Image files to pixels.
 * In:  a file. It works in a page and in a worker, where decoding a large photograph disturbs nobody.
 * Out: its pixels, upright, reduced as `decode` of `image_file.py` does.
 */

import { IMAGE_FILE } from '../engine/constants.js';
import { round } from '../engine/ndimage.js';
import { support } from '../engine/raster.js';

/** @typedef {import('./pixels.js').Pixels} Pixels */

/** Grey levels by which a pixel may differ from what was painted. */
const HARMLESS_NOISE = 8;

/** The browser does not let the page see the pixels of pictures. */
export class PixelsHidden extends Error {}

/** @param {Blob} file @returns {Promise<Pixels>} rejects when it is not a picture, or with `PixelsHidden` */
export async function decode(file) {
  refuseNoise();
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    const { width, height } = bitmap;
    const scale = IMAGE_FILE.WORKING_SIZE / Math.max(width, height);
    if (scale >= 1) return pixelsOf(bitmap);
    return scaled(bitmap, Math.max(1, round(width * scale)), Math.max(1, round(height * scale)));
  } finally {
    bitmap.close();
  }
}

/**
 * Throws `PixelsHidden` where this browser answers with noise when a canvas is read: Firefox and Tor Browser do, unless the visitor
 * allows it. A little noise, as other browsers add, does no harm.
 */
export function refuseNoise() {
  const context = newContext(16, 16);
  const image = context.createImageData(16, 16);
  image.data.forEach((_, i) => (image.data[i] = i % 4 === 3 ? 255 : (37 * i) % 256));
  context.putImageData(image, 0, 0);
  const { data } = context.getImageData(0, 0, 16, 16);
  if (data.some((value, i) => Math.abs(value - image.data[i]) > HARMLESS_NOISE)) throw new PixelsHidden();
}

/** @param {ImageBitmap} bitmap @returns {Pixels} */
function pixelsOf(bitmap) {
  const { width, height } = bitmap;
  const context = newContext(width, height);
  context.drawImage(bitmap, 0, 0);
  return { data: context.getImageData(0, 0, width, height).data, width, height };
}

/**
 * A smaller picture: every pixel is the mean of those it covers, first across and then down, rounded each time as Pillow does. A
 * difference of one grey level can change how faint ink is read.
 * @param {ImageBitmap} bitmap @param {number} width @param {number} height @returns {Pixels}
 */
function scaled(bitmap, width, height) {
  const columns = Array.from({ length: width }, (_, x) => support(x, bitmap.width, width));
  const most = Math.ceil(bitmap.height / height) + 1;
  const context = newContext(bitmap.width, most); // few rows at a time: a whole photograph would need 200 MB
  const data = new Uint8ClampedArray(4 * width * height);
  const sums = new Uint32Array(4 * width);
  for (let y = 0; y < height; y += 1) {
    const [top, bottom] = support(y, bitmap.height, height);
    context.clearRect(0, 0, bitmap.width, most);
    context.drawImage(bitmap, 0, top, bitmap.width, bottom - top, 0, 0, bitmap.width, bottom - top);
    const source = weightedByAlpha(context.getImageData(0, 0, bitmap.width, bottom - top).data);
    sums.fill(0);
    for (let start = 0; start < source.length; start += 4 * bitmap.width) {
      columns.forEach(([left, right], x) => {
        for (let channel = 0; channel < 4; channel += 1) {
          let sum = 0;
          for (let i = left; i < right; i += 1) sum += source[start + 4 * i + channel];
          sums[4 * x + channel] += Math.floor(sum / (right - left) + 0.5);
        }
      });
    }
    for (let x = 0; x < width; x += 1) {
      const [red, green, blue, alpha] = [0, 1, 2, 3].map((channel) => Math.floor(sums[4 * x + channel] / (bottom - top) + 0.5));
      data.set([red, green, blue].map((level) => Math.floor((255 * level) / Math.max(alpha, 1))), 4 * (y * width + x));
      data[4 * (y * width + x) + 3] = alpha;
    }
  }
  return { data, width, height };
}

/** Colours times alpha, in place. @param {Uint8ClampedArray} pixels RGBA */
function weightedByAlpha(pixels) {
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3];
    if (alpha === 255) continue;
    for (let channel = 0; channel < 3; channel += 1) pixels[i + channel] = Math.round((pixels[i + channel] * alpha) / 255);
  }
  return pixels;
}

/** @param {number} width @param {number} height of its canvas in pixels @returns {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} */
function newContext(width, height) {
  const canvas =
    typeof document === 'undefined' ? new OffscreenCanvas(width, height) : Object.assign(document.createElement('canvas'), { width, height });
  const context = /** @type {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null} */ (
    canvas.getContext('2d', { willReadFrequently: true })
  );
  if (!context) throw new Error('This browser cannot draw on a canvas.');
  return context;
}
