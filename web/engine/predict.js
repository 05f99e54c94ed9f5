/**
 * From a picture or from strokes to digits. The JavaScript counterpart of `mnist_cnn/predict.py`.
 */

import { digitOf } from './cnn.js';
import { judge } from './confidence.js';
import { fitInk, inkOf, place } from './picture.js';
import { groupStrokes, splitInk } from './segmentation.js';
import { strokeInk } from './strokes.js';

/** @typedef {import('./cnn.js').Network} Network */
/** @typedef {import('./picture.js').Ink} Ink */
/** @typedef {import('./raster.js').Grey} Grey */
/** @typedef {import('./raster.js').Picture} Picture */
/** @typedef {import('./strokes.js').Point} Point */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box  in fractions of the picture's, or the pad's, sides */
/** @typedef {{seen: Uint8Array, result: import('./cnn.js').Result, judgement: import('./confidence.js').Judgement}} Answer  seen: 28 × 28 grey levels */
/** @typedef {Answer & {box: Box, ink: Ink}} FoundDigit  ink: the step before `seen`, scaled but not yet in its place */

/** The digits of a picture from left to right. @param {Network} network @param {Picture} picture @returns {FoundDigit[]} */
export function readPicture(network, picture) {
  return readInk(network, inkOf(picture));
}

/** The digits of a picture's ink, as `inkOf` gives it, from left to right. @param {Network} network @param {Grey} whole @returns {FoundDigit[]} */
export function readInk(network, whole) {
  return splitInk(whole, network).flatMap(({ box: [left, top, right, bottom], ink }) => {
    const fitted = fitInk(ink);
    if (!fitted) return [];
    const box = { left: left / whole.width, top: top / whole.height, right: right / whole.width, bottom: bottom / whole.height };
    return [{ ...answerOf(network, place(fitted)), box, ink: fitted }];
  });
}

/** The digits of strokes from left to right; points are in fractions of the pad's side. @param {Network} network @param {Point[][]} strokes @returns {FoundDigit[]} */
export function readStrokes(network, strokes) {
  return groupStrokes(strokes, network).flatMap((group) => {
    const own = group.map((stroke) => strokes[stroke]);
    const ink = strokeInk(own);
    return ink ? [{ ...answerOf(network, place(ink)), box: boxOf(own.flat()), ink }] : [];
  });
}

/** All digits in a row. @param {Pick<Answer, 'result'>[]} digits */
export function numberOf(digits) {
  return digits.map(({ result }) => digitOf(result)).join('');
}

/** What the network says about an image as MNIST would have it. @param {Network} network @param {Uint8Array} seen @returns {Answer} */
export function answerOf(network, seen) {
  const result = network.run(seen);
  return { seen, result, judgement: judge(network.description.confidence, result) };
}

/** The box around points, of which there is at least one. @param {Point[]} points @returns {Box} */
export function boxOf(points) {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}
