/**
 * The pad as pixels, calculated: a canvas that has been painted is never read back, because browsers that protect their visitors
 * from fingerprinting answer with noise.
 * In:  what is on the pad. No document is needed: it runs in Node too.
 * Out: a picture of black ink.
 */

import { MODEL } from '../engine/constants.js';
import { clip } from '../engine/ndimage.js';
import { resize } from '../engine/raster.js';
import { sheetBox } from './strokes.js';

/** @typedef {import('../engine/strokes.js').Point} Point */
/** @typedef {import('./strokes.js').Sheet} Sheet */
/** @typedef {import('./strokes.js').Stroke} Stroke */
/** @typedef {{data: Uint8ClampedArray, width: number, height: number}} Pixels  RGBA, row by row */

const { IMAGE_SIZE } = MODEL;

/**
 * @param {Stroke[]} strokes
 * @param {number} size side of the pad in pixels
 * @param {{left: number, top: number, width: number, height: number}} part of it: its corner in shares, its size in pixels
 * @returns {Pixels} transparent where there is neither ink nor a photograph
 */
export function pixelsOf(strokes, size, { left, top, width, height }) {
  const pixels = { data: new Uint8ClampedArray(4 * width * height), width, height };
  for (const stroke of strokes) {
    if (stroke.sheet) {
      const box = sheetBox(stroke.sheet);
      addSheet(pixels, stroke.sheet, size, Math.round((box.left - left) * size), Math.round((box.top - top) * size));
    } else {
      const points = stroke.points.map(({ x, y }) => ({ x: (x - left) * size, y: (y - top) * size }));
      addInk(pixels, points, (stroke.width * size) / 2);
    }
  }
  return pixels;
}

/** @param {Pixels} pixels @param {Sheet} sheet @param {number} longest side of it @param {number} left @param {number} top in pixels */
function addSheet(pixels, sheet, longest, left, top) {
  const source = resized(sheet.levels ? inkOf(sheet.levels) : sheet.pixels, Math.round(longest));
  for (let row = Math.max(0, -top); row < Math.min(source.height, pixels.height - top); row += 1) {
    const count = Math.min(source.width, pixels.width - left);
    const first = Math.max(0, -left);
    const from = 4 * (row * source.width + first);
    pixels.data.set(source.data.subarray(from, from + 4 * (count - first)), 4 * ((row + top) * pixels.width + left + first));
  }
}

/** A digit of MNIST. @param {Uint8Array} levels @returns {Pixels} */
function inkOf(levels) {
  const data = new Uint8ClampedArray(4 * levels.length);
  levels.forEach((level, i) => (data[4 * i + 3] = level));
  return { data, width: IMAGE_SIZE, height: levels.length / IMAGE_SIZE };
}

/** @param {Pixels} pixels @param {number} longest @returns {Pixels} */
function resized(pixels, longest) {
  const { data, width, height } = pixels;
  if (Math.max(width, height) === longest) return pixels;
  const channels = [0, 1, 2, 3].map((c) =>
    resize({ data: Float32Array.from({ length: width * height }, (_, i) => data[4 * i + c]), width, height }, longest),
  );
  const result = new Uint8ClampedArray(4 * channels[0].data.length);
  channels.forEach((channel, c) => channel.data.forEach((value, i) => (result[4 * i + c] = value)));
  return { data: result, width: channels[0].width, height: channels[0].height };
}

/** A line with round ends and soft edges, black over what is there. @param {Pixels} pixels @param {Point[]} points @param {number} radius */
function addInk({ data, width, height }, points, radius) {
  const cover = new Float32Array(width * height);
  const reach = radius + 1;
  points.forEach((end, number) => {
    const start = points[Math.max(0, number - 1)];
    const [dx, dy] = [end.x - start.x, end.y - start.y];
    const length = Math.max(dx * dx + dy * dy, 1e-12);
    const lastRow = Math.min(height - 1, Math.ceil(Math.max(start.y, end.y) + reach));
    const lastColumn = Math.min(width - 1, Math.ceil(Math.max(start.x, end.x) + reach));
    for (let row = Math.max(0, Math.floor(Math.min(start.y, end.y) - reach)); row <= lastRow; row += 1) {
      for (let column = Math.max(0, Math.floor(Math.min(start.x, end.x) - reach)); column <= lastColumn; column += 1) {
        const [x, y] = [column + 0.5 - start.x, row + 0.5 - start.y];
        const along = clip((x * dx + y * dy) / length, 0, 1);
        const share = clip(radius + 0.5 - Math.hypot(x - along * dx, y - along * dy), 0, 1);
        if (share > cover[row * width + column]) cover[row * width + column] = share;
      }
    }
  });
  cover.forEach((share, i) => {
    if (share === 0) return;
    const below = (data[4 * i + 3] / 255) * (1 - share);
    for (let c = 0; c < 3; c += 1) data[4 * i + c] = (data[4 * i + c] * below) / (share + below);
    data[4 * i + 3] = 255 * (share + below);
  });
}
