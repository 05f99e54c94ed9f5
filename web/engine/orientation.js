/**
 * Whether a drawing that does not look like a digit would be one the other way round. The JavaScript counterpart of
 * `mnist_cnn/orientation.py`.
 */

import { digitOf } from './cnn.js';
import { CONFIDENCE, MODEL, ORIENTATION } from './constants.js';
import { argmax } from './ndimage.js';
import { place } from './picture.js';
import { answerOf } from './predict.js';

/** @typedef {{digit: number, how: string}} WrongWayRound  how: what makes it that digit, one of `ORIENTATION.WAYS`, the first of several */

const { IMAGE_SIZE } = MODEL;
const { WAYS, MIN_SURENESS } = ORIENTATION;

/** An image in each of `WAYS`, the ink put in its place again. @param {Uint8Array} seen 28 × 28 grey levels, some of them ink @returns {Uint8Array[]} */
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

/** What a refused drawing would surely be the other way round, or null. @param {import('./cnn.js').Network} network @param {Uint8Array} seen @returns {WrongWayRound | null} */
export function wrongWayRound(network, seen) {
  if (!seen.some(Boolean)) return null;
  const answers = views(seen).map((view) => answerOf(network, view));
  const sureness = answers.map(({ judgement: { probabilities, score } }) => surenessOf(Math.max(...probabilities), score));
  const best = argmax(sureness);
  if (answers[best].judgement.verdict !== CONFIDENCE.DIGIT || sureness[best] < MIN_SURENESS) return null;
  const digit = digitOf(answers[best].result);
  return { digit, how: WAYS[answers.findIndex(({ result }, way) => digitOf(result) === digit && sureness[way] >= MIN_SURENESS)] };
}

/** The probability of the most likely digit times that of any digit, of which `score` is the log-odds. @param {number} probability @param {number} score */
export function surenessOf(probability, score) {
  return probability / (1 + Math.exp(-score));
}
