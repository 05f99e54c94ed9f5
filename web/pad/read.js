/**
 * From what is on the pad to what the engine reads: paths, or pixels where a picture lies under them.
 * In:  the strokes of `pad.js`, a picture among them perhaps, and the network.
 * Out: the digits line by line, each with where it is, what the network saw and what it said.
 */

import { MODEL } from '../engine/constants.js';
import { answerOf, readPicture, readStrokes } from '../engine/predict.js';
import { pixelsOf } from './pixels.js';
import { sheetBox } from './strokes.js';

/** @typedef {import('../engine/cnn.js').Network} Network */
/** @typedef {import('../engine/predict.js').Box} Box */
/** @typedef {import('../engine/raster.js').Picture} Picture */
/** @typedef {import('../engine/strokes.js').Point} Point */
/** @typedef {import('./reader.js').Reader} Reader */
/** @typedef {import('./strokes.js').Sheet} Sheet */
/** @typedef {import('./strokes.js').Stroke} Stroke */
/**
 * @typedef {object} Digit
 * @property {Box} box of its ink, in fractions of the pad's side
 * @property {number} line in which it stands, 0 at the top
 * @property {Uint8Array} seen 28 × 28 grey levels
 * @property {import('../engine/picture.js').Ink | null} ink the step before: scaled but not yet in its place; null for a digit of
 *   MNIST, which is shown to the network as it is
 * @property {import('../engine/cnn.js').Result} result
 * @property {import('../engine/confidence.js').Judgement} judgement
 */

const { IMAGE_SIZE } = MODEL;
/** Pixels per side of a drawing that is read as a picture, because it lies over one; and of a picture of the pad. */
export const PAD_PIXELS = 280;

/** To a ten-thousandth of the pad, which is finer than any screen. @param {number} value */
const rounded = (value) => Math.round(10_000 * value) / 10_000;

/** The strokes as the page and the server read them, so that both see the same image. @param {Stroke[]} strokes @returns {Point[][]} */
export function pathsOf(strokes) {
  return strokes.map(({ points }) => points.map(({ x, y }) => ({ x: rounded(x), y: rounded(y) })));
}

/** @param {Network} network @param {Stroke[]} strokes @param {boolean} ended false while the pen moves @returns {Digit[]} */
export function readDigits(network, strokes, ended) {
  const sheet = strokes.find((stroke) => stroke.sheet)?.sheet;
  if (!sheet) return readStrokes(network, pathsOf(strokes), ended);
  if (sheet.levels && strokes.length === 1) return [{ ...answerOf(network, sheet.levels), box: boxOf(sheet.levels), line: 0, ink: null }];
  return onPad(network, sheet, readPicture(network, pictureOf(strokes, sheet)));
}

/** The same for a photograph on the pad, in a thread of its own; null when it is no longer wanted. @param {Network} network @param {Reader} reader @param {Stroke[]} strokes @returns {Promise<Digit[] | null>} */
export async function readPhotograph(network, reader, strokes) {
  const sheet = strokes.find((stroke) => stroke.sheet)?.sheet;
  if (!sheet) return [];
  const found = await reader.read(network, pictureOf(strokes, sheet));
  return found && onPad(network, sheet, found);
}

/** The digits of a sheet as digits of the pad. @param {Network} network @param {Sheet} sheet @param {import('./worker.js').Seen[]} found @returns {Digit[]} */
function onPad(network, sheet, found) {
  const { left, top, width, height } = sheetBox(sheet);
  return found.map(({ box, line, ink, seen, judgement }) => ({
    seen,
    result: network.run(seen),
    judgement,
    line,
    ink,
    box: {
      left: left + box.left * width,
      top: top + box.top * height,
      right: left + box.right * width,
      bottom: top + box.bottom * height,
    },
  }));
}

/** What is on the pad as a picture of black ink on transparent ground. @param {Stroke[]} strokes @param {number} size */
export function padPicture(strokes, size) {
  return pixelsOf(strokes, size, { left: 0, top: 0, width: size, height: size });
}

/** The box around a digit of MNIST that fills the pad. @param {Uint8Array} levels @returns {Box} */
function boxOf(levels) {
  const inked = Array.from(levels.keys()).filter((i) => levels[i]);
  const rows = inked.map((i) => Math.floor(i / IMAGE_SIZE) / IMAGE_SIZE);
  const columns = inked.map((i) => (i % IMAGE_SIZE) / IMAGE_SIZE);
  const pixel = 1 / IMAGE_SIZE;
  return { left: Math.min(...columns), top: Math.min(...rows), right: Math.max(...columns) + pixel, bottom: Math.max(...rows) + pixel };
}

/** The sheet in its own pixels, with what was drawn over it. @param {Stroke[]} strokes @param {Sheet} sheet @returns {Picture} */
function pictureOf(strokes, sheet) {
  const { left, top, width, height } = sheetBox(sheet);
  const grown = sheet.levels ? PAD_PIXELS / sheet.canvas.width : 1; // a brush of the pad is finer than MNIST's pixels
  const size = (sheet.canvas.width / width) * grown;
  return pixelsOf(strokes, size, { left, top, width: Math.round(width * size), height: Math.round(height * size) });
}
