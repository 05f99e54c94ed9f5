/**
 * Whether a drawing that does not look like a digit would be one the other way round. The JavaScript counterpart of
 * `mnist_cnn/orientation.py`.
 */

import { digitOf } from './cnn.js';
import { CONFIDENCE, ORIENTATION } from './constants.js';
import { argmax } from './ndimage.js';
import { views } from './picture.js';
import { answerOf } from './predict.js';

/** @typedef {{digit: number, how: string}} WrongWayRound  how: what makes it that digit, one of `ORIENTATION.WAYS`, the first of several */

const { WAYS, MIN_SURENESS } = ORIENTATION;

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
