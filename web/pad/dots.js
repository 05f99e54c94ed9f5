/**
 * Dots between digits, as in 3.14: the network knows digits only, so a dot must not vanish without a word.
 * In:  strokes, and the digits that were read from them.
 * Out: after which of the digits a dot stands.
 */

import { ROWS } from '../engine/constants.js';
import { boxOf } from '../engine/predict.js';
import { holdsPicture } from './strokes.js';

/**
 * @param {import('./strokes.js').Stroke[]} strokes
 * @param {import('./read.js').Digit[]} digits from left to right
 * @returns {number[]} how many digits stand to the left of each dot
 */
export function dotsBetween(strokes, digits) {
  if (digits.length < 2 || holdsPicture(strokes)) return [];
  const boxes = strokes.map(({ points }) => boxOf(points));
  const height = Math.max(...boxes.map(({ top, bottom }) => bottom - top));
  const isLarge = (/** @type {import('../engine/predict.js').Box} */ { left, top, right, bottom }) =>
    Math.max(right - left, bottom - top) >= ROWS.SPECK_SIZE * height;
  const large = boxes.filter(isLarge);
  return boxes.filter((box) => !isLarge(box)).flatMap(({ left, right }) => {
    const middle = (left + right) / 2;
    const isFree = large.every((box) => right < box.left || left > box.right); // a dot above or below ink belongs to it
    const before = digits.filter(({ box }) => box.left + box.right < 2 * middle).length;
    return isFree && before > 0 && before < digits.length ? [before] : [];
  });
}
