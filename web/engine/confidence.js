/**
 * How certain an answer is: calibrated probabilities, and a score that tells digits from other drawings. The JavaScript
 * counterpart of `mnist_cnn/confidence.py`.
 */

import { CONFIDENCE } from './constants.js';

/**
 * @typedef {object} Confidence  the fitted values
 * @property {number} temperature
 * @property {string[]} layers whose channel means are the score's inputs; the last are the logits
 * @property {number[][]} weight
 * @property {number[]} bias
 * @property {number[]} out_weight
 * @property {number} out_bias
 * @property {number} digit_from
 * @property {number} sure_from
 */
/** @typedef {CONFIDENCE['DIGIT'] | CONFIDENCE['UNSURE'] | CONFIDENCE['NOT_A_DIGIT']} Verdict */
/** @typedef {{probabilities: number[], verdict: Verdict, candidates: number[], score: number}} Judgement */

const { DIGIT, UNSURE, NOT_A_DIGIT } = CONFIDENCE;

/**
 * @param {Confidence | null | undefined} confidence
 * @param {import('./cnn.js').Result} result
 * @returns {Judgement} without a fitted confidence the network's own probabilities, and a score of Infinity
 */
export function judge(confidence, { logProbs, activations }) {
  if (!confidence) {
    return { probabilities: Array.from(logProbs, Math.exp), verdict: DIGIT, candidates: [], score: Infinity };
  }
  const score = scoreOf(confidence, channelMeans(activations, confidence.layers));
  // log-probabilities differ from the logits by a constant, which the softmax takes out again
  const shares = Array.from(logProbs, (value) => Math.exp(value / confidence.temperature));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const probabilities = shares.map((share) => share / total);
  const order = probabilities.map((_, digit) => digit).sort((a, b) => probabilities[b] - probabilities[a]);
  if (score < confidence.digit_from) return { probabilities, verdict: NOT_A_DIGIT, candidates: [], score };
  if (probabilities[order[0]] < confidence.sure_from) {
    return { probabilities, verdict: UNSURE, candidates: order.slice(0, 2), score };
  }
  return { probabilities, verdict: DIGIT, candidates: [], score };
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

/** Log-odds of a digit. @param {Confidence} confidence @param {number[]} means */
function scoreOf({ weight, bias, out_weight, out_bias }, means) {
  return weight.reduce((score, row, unit) => {
    const total = row.reduce((sum, value, i) => sum + value * means[i], bias[unit]);
    return score + out_weight[unit] * Math.max(0, total);
  }, out_bias);
}
