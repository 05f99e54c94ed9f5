/**
 * From what is on the pad to digits.
 * In:  the strokes of `pad.js`, a picture among them perhaps, and the network.
 * Out: the digits from left to right, each with where it is, what the network saw and what it said.
 */

import { judge } from './confidence.js';
import { clean, isPhoto } from './photo.js';
import { groupStrokes, splitPicture } from './segmentation.js';
import { fitInk, normaliseStrokes, place, strokeInk } from './picture.js';
import { paint, sheetBox } from '../pad/pad.js';

/** @typedef {import('./cnn.js').Network} Network */
/** @typedef {import('./picture.js').Point} Point */
/** @typedef {import('./picture.js').Ink} Ink */
/** @typedef {import('./raster.js').Picture} Picture */
/** @typedef {import('../pad/pad.js').Stroke} Stroke */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box  in shares of the pad's side */
/**
 * @typedef {object} Digit
 * @property {Box} box of its ink
 * @property {Uint8Array} seen 28 × 28 grey levels
 * @property {Ink | null} ink the step before: scaled, not yet in its place; null for a digit of MNIST, which came as it is
 * @property {import('./cnn.js').Result} result
 * @property {import('./confidence.js').Judgement} judgement
 */

/** Pixels a side of a drawing that is read as a picture, because it lies over one. */
const PAD_PIXELS = 280;

/** To a ten-thousandth of the pad, which is finer than any screen. @param {number} value */
const rounded = (value) => Math.round(10_000 * value) / 10_000;

/** The strokes as every reader gets them, so that whoever gets them sees the same image. @param {Stroke[]} strokes @returns {Point[][]} */
export function pathsOf(strokes) {
  return strokes.map(({ points }) => points.map(({ x, y }) => ({ x: rounded(x), y: rounded(y) })));
}

/** @param {Network} network @param {Stroke[]} strokes @returns {Digit[]} */
export function readDigits(network, strokes) {
  const sheet = strokes.find((stroke) => stroke.sheet)?.sheet;
  if (!sheet) return readPaths(network, pathsOf(strokes));
  if (sheet.levels && strokes.length === 1) {
    const box = boxOf(Array.from(sheet.levels, (level, i) => (level ? [{ x: (i % 28) / 28, y: Math.floor(i / 28) / 28 }] : [])));
    return [digit(network, { ...box, right: box.right + 1 / 28, bottom: box.bottom + 1 / 28 }, sheet.levels, null)];
  }
  return readPicture(network, pictureOf(strokes, sheet), sheet);
}

/** @param {Network} network @param {Point[][]} paths */
function readPaths(network, paths) {
  return groupStrokes(paths, network).flatMap((group) => {
    const mine = group.map((stroke) => paths[stroke]);
    const seen = normaliseStrokes(mine);
    return seen ? [digit(network, boxOf(mine), seen, strokeInk(mine))] : [];
  });
}

/** @param {Network} network @param {Picture} picture @param {import('../pad/pad.js').Sheet} sheet */
function readPicture(network, picture, sheet) {
  const whole = isPhoto(picture) ? clean(picture) : picture;
  const { left, top, width, height } = sheetBox(sheet);
  return splitPicture(whole, network).flatMap(({ box, ink }) => {
    const fitted = fitInk(ink);
    if (!fitted) return [];
    const onPad = {
      left: left + (box[0] / whole.width) * width,
      top: top + (box[1] / whole.height) * height,
      right: left + (box[2] / whole.width) * width,
      bottom: top + (box[3] / whole.height) * height,
    };
    return [digit(network, onPad, place(fitted), fitted)];
  });
}

/** @param {Network} network @param {Box} box @param {Uint8Array} seen @param {Ink | null} ink @returns {Digit} */
function digit(network, box, seen, ink) {
  const result = network.run(seen);
  return { box, seen, ink, result, judgement: judge(network.description, result) };
}

/** @param {Point[][]} paths @returns {Box} */
function boxOf(paths) {
  const box = { left: 1, top: 1, right: 0, bottom: 0 };
  for (const { x, y } of paths.flat()) {
    [box.left, box.right] = [Math.min(box.left, x), Math.max(box.right, x)];
    [box.top, box.bottom] = [Math.min(box.top, y), Math.max(box.bottom, y)];
  }
  return box;
}

/** The sheet in its own pixels, with what was drawn over it. @param {Stroke[]} strokes @param {import('../pad/pad.js').Sheet} sheet @returns {Picture} */
function pictureOf(strokes, sheet) {
  const { left, top, width, height } = sheetBox(sheet);
  const grown = sheet.levels ? PAD_PIXELS / sheet.canvas.width : 1; // a brush of the pad is finer than MNIST's pixels
  const size = (sheet.canvas.width / width) * grown;
  return pixelsOf(strokes, size, { left, top, width: Math.round(width * size), height: Math.round(height * size) });
}

/** What is on the pad as a picture of black ink without a ground. @param {Stroke[]} strokes @param {number} size */
export function padPicture(strokes, size) {
  return pixelsOf(strokes, size, { left: 0, top: 0, width: size, height: size });
}

/**
 * @param {Stroke[]} strokes
 * @param {number} size side of the pad in pixels
 * @param {{left: number, top: number, width: number, height: number}} part of it: its corner in shares, its size in pixels
 * @returns {Picture}
 */
function pixelsOf(strokes, size, { left, top, width, height }) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  context.strokeStyle = '#000';
  context.translate(-left * size, -top * size);
  paint(context, strokes, size);
  return context.getImageData(0, 0, width, height);
}
