/**
 * How certain an answer is: calibrated probabilities, and a score that tells digits from other drawings. The JavaScript
 * counterpart of `mnist_cnn/confidence.py`.
 */

import { CONFIDENCE, MODEL } from './constants.js';

/**
 * @typedef {object} HiddenScore  for a network with ten outputs: a second network with one hidden layer
 * @property {string[]} layers whose channel means are the inputs; the last are the logits
 * @property {number[][]} weight
 * @property {number[]} bias
 * @property {number[]} out_weight
 * @property {number} out_bias
 */
/**
 * @typedef {object} Confidence  the fitted values
 * @property {number} temperature
 * @property {number} digit_from
 * @property {number} sure_from
 * @property {HiddenScore | null} score null: the network has an eleventh output
 */
/** @typedef {CONFIDENCE['DIGIT'] | CONFIDENCE['UNSURE'] | CONFIDENCE['NOT_A_DIGIT']} Verdict */
/**
 * @typedef {object} Judgement
 * @property {number[]} probabilities of the digits 0–9
 * @property {Verdict} verdict
 * @property {number[]} candidates
 * @property {number} score log-odds of a digit
 * @property {number} digit_from with a lower score it does not look like a digit
 */

const { DIGIT, UNSURE, NOT_A_DIGIT, ROTATIONS, LEAST_DOUBTFUL, MOST_DOUBTFUL } = CONFIDENCE;
const { CLASSES, IMAGE_SIZE } = MODEL;

/**
 * @param {Confidence | null | undefined} confidence
 * @param {import('./cnn.js').Result} result
 * @param {(degrees: number) => import('./cnn.js').Result} [rotated] what the network makes of the same image, rotated by so much;
 *   without it, one look is enough, as while the pen moves
 * @returns {Judgement} without a fitted confidence the network's own probabilities, and whatever the score, a digit
 */
export function judge(confidence, { logProbs, activations }, rotated) {
  if (!confidence) return { probabilities: digitProbabilities(logProbs), verdict: DIGIT, candidates: [], score: Infinity, digit_from: -Infinity };
  // log-probabilities differ from the logits by a constant, which the softmax takes out again
  const shares = Array.from(logProbs.subarray(0, CLASSES), (value) => Math.exp(value / confidence.temperature));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const probabilities = shares.map((share) => share / total);
  const hidden = confidence.score;
  const score = hidden ? hiddenScore(hidden, channelMeans(activations, hidden.layers)) : logOddsOfLooks(logProbs, rotated);
  const order = probabilities.map((_, digit) => digit).sort((a, b) => probabilities[b] - probabilities[a]);
  const sureness = probabilities[order[0]] * (hidden ? 1 : 1 / (1 + Math.exp(-score)));
  const { digit_from, sure_from } = confidence;
  if (score < digit_from) return { probabilities, verdict: NOT_A_DIGIT, candidates: [], score, digit_from };
  if (sureness < sure_from) return { probabilities, verdict: UNSURE, candidates: order.slice(0, 2), score, digit_from };
  return { probabilities, verdict: DIGIT, candidates: [], score, digit_from };
}

/** An image rotated clockwise around its centre, bilinearly. @param {ArrayLike<number>} image 28 × 28 grey levels @param {number} degrees */
export function rotate(image, degrees) {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const middle = (IMAGE_SIZE - 1) / 2;
  const isInside = (/** @type {number} */ x, /** @type {number} */ y) => x >= 0 && y >= 0 && x < IMAGE_SIZE && y < IMAGE_SIZE;
  const level = (/** @type {number} */ x, /** @type {number} */ y) => (isInside(x, y) ? image[y * IMAGE_SIZE + x] : 0);
  return Float32Array.from({ length: IMAGE_SIZE ** 2 }, (_, i) => {
    const [x, y] = [(i % IMAGE_SIZE) - middle, Math.floor(i / IMAGE_SIZE) - middle];
    const [fromX, fromY] = [middle + cos * x + sin * y, middle - sin * x + cos * y];
    const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
    const [right, down] = [fromX - left, fromY - top];
    const upper = (1 - right) * level(left, top) + right * level(left + 1, top);
    const lower = (1 - right) * level(left, top + 1) + right * level(left + 1, top + 1);
    return (1 - down) * upper + down * lower;
  });
}

/** The network's own probabilities of the digits, as if nothing else existed. @param {Float32Array} logProbs ten or eleven */
export function digitProbabilities(logProbs) {
  const probabilities = Array.from(logProbs.subarray(0, CLASSES), Math.exp);
  if (logProbs.length === CLASSES) return probabilities;
  const total = probabilities.reduce((sum, probability) => sum + probability, 0);
  return probabilities.map((probability) => probability / total);
}

/** Whether the drawing is looked at again. @param {number} odds log-odds of a digit, at one look */
export function isDoubtful(odds) {
  return odds >= LEAST_DOUBTFUL && odds < MOST_DOUBTFUL;
}

/** The log-odds of a digit; in doubt, the mean of three looks. @param {Float32Array} logProbs @param {(degrees: number) => import('./cnn.js').Result} [rotated] */
function logOddsOfLooks(logProbs, rotated) {
  const first = digitLogOdds(logProbs);
  if (!rotated || !isDoubtful(first)) return first;
  const others = ROTATIONS.map((degrees) => digitLogOdds(rotated(degrees).logProbs));
  return others.reduce((sum, odds) => sum + odds, first) / (1 + others.length);
}

/** The log-odds of any digit against the eleventh output. @param {Float32Array} logProbs eleven, or their logits */
export function digitLogOdds(logProbs) {
  const digits = logProbs.subarray(0, CLASSES);
  const most = Math.max(...digits);
  return most + Math.log(digits.reduce((sum, value) => sum + Math.exp(value - most), 0)) - logProbs[CLASSES];
}

/** The mean of every channel of `layers`. @param {Map<string, import('./cnn.js').Maps>} activations @param {string[]} layers */
export function channelMeans(activations, layers) {
  return layers.flatMap((name) => {
    const maps = activations.get(name);
    if (!maps) throw new Error(`the network has no layer ${name}. Reload the page.`);
    const { data, channels, size } = maps;
    const cells = size * size;
    return Array.from({ length: channels }, (_, channel) => {
      let sum = 0;
      for (let i = channel * cells; i < (channel + 1) * cells; i += 1) sum += data[i];
      return sum / cells;
    });
  });
}

/** Log-odds of a digit. @param {HiddenScore} hidden @param {number[]} means */
function hiddenScore({ weight, bias, out_weight, out_bias }, means) {
  return weight.reduce((score, row, unit) => {
    const total = row.reduce((sum, value, i) => sum + value * means[i], bias[unit]);
    return score + out_weight[unit] * Math.max(0, total);
  }, out_bias);
}
