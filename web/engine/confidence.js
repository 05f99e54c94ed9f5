/**
 * How sure an answer is.
 * In:  the network's description and what its `run()` gives.
 * Out: calibrated probabilities, a score (log-odds of a digit), a verdict and, when unsure, two candidates.
 * `mnist_cnn/confidence.py` does the same.
 */

/**
 * @typedef {object} Confidence
 * @property {number} temperature
 * @property {string[]} layers whose channels' means are the score's inputs; the last are the logits
 * @property {number[][]} weight
 * @property {number[]} bias
 * @property {number[]} out_weight
 * @property {number} out_bias
 * @property {number} digit_from
 * @property {number} sure_from
 */
/** @typedef {'digit' | 'unsure' | 'does not look like a digit'} Verdict  an empty pad has none: "nothing drawn" */
/** @typedef {{probabilities: number[], verdict: Verdict, candidates: number[], score: number}} Judgement */

/**
 * @param {import('./cnn.js').Description} description
 * @param {import('./cnn.js').Result} result
 * @returns {Judgement} without a fitted confidence the network's own probabilities, and a score of Infinity
 */
export function judge({ confidence }, { logProbs, activations }) {
  if (!confidence) {
    return { probabilities: Array.from(logProbs, Math.exp), verdict: 'digit', candidates: [], score: Infinity };
  }
  const score = scoreOf(confidence, activations);
  // log-probabilities differ from the logits by a constant, which the softmax takes out again
  const shares = Array.from(logProbs, (value) => Math.exp(value / confidence.temperature));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const probabilities = shares.map((share) => share / total);
  const order = probabilities.map((_, digit) => digit).sort((a, b) => probabilities[b] - probabilities[a]);
  if (score < confidence.digit_from) {
    return { probabilities, verdict: 'does not look like a digit', candidates: [], score };
  }
  if (probabilities[order[0]] < confidence.sure_from) {
    return { probabilities, verdict: 'unsure', candidates: order.slice(0, 2), score };
  }
  return { probabilities, verdict: 'digit', candidates: [], score };
}

/** @param {Confidence} confidence @param {Map<string, import('./cnn.js').Maps>} activations */
function scoreOf({ layers, weight, bias, out_weight, out_bias }, activations) {
  const inputs = layers.flatMap((name) => {
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
  return weight.reduce((score, row, unit) => {
    const total = row.reduce((sum, value, i) => sum + value * inputs[i], bias[unit]);
    return score + out_weight[unit] * Math.max(0, total);
  }, out_bias);
}
