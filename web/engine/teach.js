/**
 * Teach a network one person's hand: its last layer is fitted anew to a few drawings and pulled towards what it was. The JavaScript
 * counterpart of `mnist_cnn/teach.py`, which explains the steps. Everything is float64.
 */

import { MODEL, TEACH } from './constants.js';
import { argmax } from './ndimage.js';

/** @typedef {import('./strokes.js').Point} Point */
/** @typedef {Float64Array[]} Layer  one row per output: the weights, then the bias */
/** @typedef {Float64Array[]} Sample  features and a 1, one row for each variant of a drawing, the drawing itself first */

const { CLASSES } = MODEL;
const { PULL, RIDGE, STEPS, FITS, EMPHASIS, SURE, WIDER } = TEACH;

/** The drawing as it is, narrower and wider. @param {Point[][]} strokes @returns {Point[][][]} */
export function variants(strokes) {
  return [1, 1 / WIDER, WIDER].map((wide) => strokes.map((stroke) => stroke.map(({ x, y }) => ({ x: wide * x, y }))));
}

/**
 * `layer` fitted to drawings.
 * @param {Layer} layer @param {Sample[]} samples @param {number[]} labels
 * @param {Layer} moments mean products of pairs of features, a square matrix
 * @param {number} digitFrom the log-odds from which a drawing counts as a digit
 * @returns {Layer}
 */
export function teach(layer, samples, labels, moments, digitFrom) {
  /** @type {number[]} */
  let weights = samples.map(([first], i) => (probability(layer, first, labels[i]) >= SURE ? 0 : 1));
  let taught = layer;
  for (let round = 0; round < FITS; round += 1) {
    taught = fitLastLayer(layer, samples, labels, weights, moments);
    const now = taught;
    const known = samples.map(([first], i) => knows(now, first, labels[i], digitFrom));
    if (known.every(Boolean)) break;
    weights = weights.map((weight, i) => (known[i] ? weight : Math.max(1, EMPHASIS * weight)));
  }
  return taught;
}

/**
 * `layer` after `STEPS` steps.
 * @param {Layer} layer @param {Sample[]} samples @param {number[]} labels @param {number[]} weights of the samples @param {Layer} moments
 * @returns {Layer}
 */
export function fitLastLayer(layer, samples, labels, weights, moments) {
  const size = moments.length;
  const rows = samples.flat();
  const owner = samples.flatMap((sample, i) => sample.map(() => i));
  const share = owner.map((i) => weights[i] / samples[i].length);
  const known = rows.map((row) => logOdds(scoresOf(layer, row)) > 0);
  const ridge = (RIDGE * moments.slice(0, -1).reduce((sum, row, i) => sum + row[i], 0)) / (size - 1);
  const pull = moments.map((row, i) => row.map((value, j) => PULL * (value + (i === j ? ridge : 0))));
  const step = inverse(plusProducts(pull, rows, share));
  const now = layer.map((row) => row.slice());
  for (let count = 0; count < STEPS; count += 1) {
    const gradient = now.map((row, o) => scoresOf(pull, row.map((value, i) => value - layer[o][i])));
    rows.forEach((x, n) => {
      const shares = softmax(scoresOf(now, x), known[n]);
      shares[labels[owner[n]]] -= 1;
      for (let o = 0; o < shares.length; o += 1) {
        const [sums, factor] = [gradient[o], share[n] * shares[o]];
        for (let i = 0; i < size; i += 1) sums[i] += factor * x[i];
      }
    });
    gradient.forEach((sums, o) => scoresOf(step, sums).forEach((value, i) => (now[o][i] -= value)));
  }
  return now;
}

/** `matrix` and half of the products of pairs of features of every row. @param {Layer} matrix @param {Float64Array[]} rows @param {number[]} share of each row @returns {Layer} */
function plusProducts(matrix, rows, share) {
  const sums = matrix.map((row) => row.slice());
  rows.forEach((x, n) => {
    for (let i = 0; i < x.length; i += 1) {
      const [row, factor] = [sums[i], (share[n] * x[i]) / 2];
      for (let j = 0; j < x.length; j += 1) row[j] += factor * x[j];
    }
  });
  return sums;
}

/** The probability of `label` among all outputs. @param {Layer} layer @param {Float64Array} features and a 1 @param {number} label */
export function probability(layer, features, label) {
  return softmax(scoresOf(layer, features), false)[label];
}

/** Whether `layer` reads a drawing as `label` and takes it for a digit. @param {Layer} layer @param {Float64Array} features and a 1 @param {number} label @param {number} digitFrom */
export function knows(layer, features, label, digitFrom) {
  const scores = scoresOf(layer, features);
  return argmax(scores.subarray(0, CLASSES)) === label && logOdds(scores) >= digitFrom;
}

/** The log-odds of any digit against the eleventh output; infinite where there is none. @param {Float64Array} scores */
export function logOdds(scores) {
  if (scores.length === CLASSES) return Infinity;
  const digits = scores.subarray(0, CLASSES);
  const most = Math.max(...digits);
  return most + Math.log(digits.reduce((sum, value) => sum + Math.exp(value - most), 0)) - scores[CLASSES];
}

/** Rows, each multiplied by `features`: the scores of a layer. Loops, because it is called thousands of times. @param {Layer} rows @param {Float64Array} features */
function scoresOf(rows, features) {
  const scores = new Float64Array(rows.length);
  for (let o = 0; o < rows.length; o += 1) {
    const row = rows[o];
    for (let i = 0; i < row.length; i += 1) scores[o] += row[i] * features[i];
  }
  return scores;
}

/** In place. @param {Float64Array} scores @param {boolean} ofDigits the eleventh output is left out */
function softmax(scores, ofDigits) {
  if (ofDigits) scores.fill(-Infinity, CLASSES);
  const most = Math.max(...scores);
  let total = 0;
  for (let o = 0; o < scores.length; o += 1) total += scores[o] = Math.exp(scores[o] - most);
  for (let o = 0; o < scores.length; o += 1) scores[o] /= total;
  return scores;
}

/** By Gauss and Jordan; a matrix that is symmetric and positive definite needs no search for a pivot. @param {Layer} matrix @returns {Layer} */
function inverse(matrix) {
  const size = matrix.length;
  const rows = matrix.map((row, i) => Float64Array.from({ length: 2 * size }, (_, j) => (j < size ? row[j] : Number(j - size === i))));
  rows.forEach((pivot, i) => {
    const scale = pivot[i];
    for (let j = 0; j < 2 * size; j += 1) pivot[j] /= scale;
    rows.forEach((row, other) => {
      const factor = row[i];
      if (other !== i && factor !== 0) for (let j = 0; j < 2 * size; j += 1) row[j] -= factor * pivot[j];
    });
  });
  return rows.map((row) => row.slice(size));
}
