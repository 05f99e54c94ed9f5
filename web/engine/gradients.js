/**
 * Explains an answer: backpropagation to the pixels of the image.
 * In:  a network of `cnn.js`, and the result of its `run` for an image.
 * Out: the gradient of one cell, of one score or of the difference of two scores with respect to every pixel.
 *
 * A pixel of 255 counts as 1 here: a gradient is the change that a pixel of full ink would make if the network were linear.
 */

import { STEPS } from './cnn.js';
import { CONFIDENCE, MODEL } from './constants.js';

/** @typedef {import('./cnn.js').Network} Network */
/** @typedef {import('./cnn.js').Result} Result */
/** @typedef {import('./cnn.js').Layer} Layer */
/** @typedef {import('./cnn.js').Maps} Maps */
/** @typedef {{gradient: Float32Array, before: Maps, after: Maps, layer: Layer, weights: Float32Array}} Step */

const { IMAGE_SIZE, CLASSES } = MODEL;
/** The layer whose values are the scores that log-softmax turns into log-probabilities. */
const SCORES = CONFIDENCE.LOGITS;
/** Steps from an empty image to the digit; with 32 the sum is off by 3 % on average. */
const PATH = 32;

/**
 * The gradient of a layer's values with respect to the image, by the chain rule.
 * @param {Network} network
 * @param {Result} result of `network.run` for the image
 * @param {string} name of the layer
 * @param {ArrayLike<number>} wanted a weight for each of the layer's values: 1 for one value, 0 for the rest; or 1, −1 and 0
 * @returns {Float32Array} 784 numbers: the change per pixel of full ink
 */
export function gradientOf(network, result, name, wanted) {
  const { layers, std } = network.description;
  /** @type {Float32Array} */
  let gradient = Float32Array.from(wanted);
  for (let i = layers.findIndex((layer) => layer.name === name); i >= 0; i -= 1) {
    const before = i > 0 ? result.activations.get(layers[i - 1].name) : result.input;
    const after = result.activations.get(layers[i].name);
    gradient = BACK[layers[i].kind]({
      gradient, before: /** @type {Maps} */ (before), after: /** @type {Maps} */ (after), layer: layers[i], weights: network.weights,
    });
  }
  return gradient.map((value) => value / std); // an image is standardised before the first layer
}

/**
 * The gradient of one cell of a map: which pixels of its receptive field influence it.
 * @param {Network} network @param {Result} result
 * @param {{name: string, channel: number, row: number, column: number}} cell
 */
export function cellGradient(network, result, { name, channel, row, column }) {
  const { data, size } = /** @type {Maps} */ (result.activations.get(name));
  const wanted = new Float32Array(data.length);
  wanted[(channel * size + row) * size + column] = 1;
  return gradientOf(network, result, name, wanted);
}

/**
 * Saliency (Simonyan, Vedaldi and Zisserman 2013): where ink, added or removed, would change the score of `digit` most.
 * @param {Network} network @param {Result} result @param {number} digit
 */
export function saliency(network, result, digit) {
  return gradientOf(network, result, SCORES, oneHot(digit)).map(Math.abs);
}

/**
 * Which ink is evidence for one digit and against another: integrated gradients (Sundararajan, Taly and Yan 2017) of the
 * difference of their scores, from an empty image. The values add up to the difference minus that of an empty image.
 * It is a generator: all its steps together take many frames, and between two of them the page can do something else.
 * @param {Network} network
 * @param {ArrayLike<number>} image 784 grey levels
 * @param {number} digit
 * @param {number} other
 * @returns {Generator<void, Float32Array, void>} 784 numbers: positive where the ink is evidence for `digit`, negative where for `other`
 */
export function* contrast(network, image, digit, other) {
  const wanted = oneHot(digit).map((value, i) => value - Number(i === other));
  const total = new Float32Array(IMAGE_SIZE * IMAGE_SIZE);
  for (let step = 0; step < PATH; step += 1) {
    const share = (step + 0.5) / PATH;
    const gradient = gradientOf(network, network.run(Float32Array.from(image, (level) => level * share)), SCORES, wanted);
    gradient.forEach((value, i) => {
      total[i] += value / PATH;
    });
    yield;
  }
  return total.map((value, i) => (value * image[i]) / 255);
}

/** The scores of the ten digits before log-softmax. @param {Result} result */
export function scoresOf(result) {
  return /** @type {Maps} */ (result.activations.get(SCORES)).data.subarray(0, CLASSES);
}

/** @param {number} digit */
function oneHot(digit) {
  return Float32Array.from({ length: CLASSES }, (_, i) => Number(i === digit));
}

/** From the gradient with respect to a layer's output to that with respect to its input. @type {Record<Layer['kind'], (step: Step) => Float32Array>} */
const BACK = {
  conv: convBack,
  affine: ({ gradient, after, layer, weights }) =>
    gradient.map((value, i) => value * weights[(layer.weight ?? 0) + Math.floor(i / (after.size * after.size))]),
  relu: ({ gradient, before }) => gradient.map((value, i) => (before.data[i] > 0 ? value : 0)),
  maxpool: maxpoolBack,
  avgpool: avgpoolBack,
  flatten: ({ gradient }) => gradient,
  linear: linearBack,
  log_softmax: ({ gradient, after }) => {
    const sum = gradient.reduce((total, value) => total + value, 0);
    return gradient.map((value, i) => value - Math.exp(after.data[i]) * sum);
  },
};

/**
 * Every filter turned by half a turn, from the maps after to the maps before: again a convolution, as fast as the one forward.
 * @param {Step} step
 */
function convBack({ gradient, before, after, layer, weights }) {
  const { kernel = 1, padding = 0, weight = 0 } = layer;
  const area = kernel * kernel;
  const turned = new Float32Array(before.channels * (after.channels * area + 1)); // the biases at the end are 0
  for (let o = 0; o < after.channels; o += 1) {
    for (let c = 0; c < before.channels; c += 1) {
      const from = weight + (o * before.channels + c) * area;
      turned.set(weights.slice(from, from + area).reverse(), (c * after.channels + o) * area);
    }
  }
  const bias = before.channels * after.channels * area;
  const maps = { data: gradient, channels: after.channels, size: after.size };
  return STEPS.conv(maps, { ...layer, outChannels: before.channels, padding: kernel - 1 - padding, weight: 0, bias }, turned).data;
}

/** The gradient of a maximum goes to the largest value, the first of equals. @param {Step} step */
function maxpoolBack({ gradient, before, after, layer }) {
  const back = new Float32Array(before.data.length);
  gradient.forEach((value, i) => {
    if (value === 0) return;
    const at = windowOf(i, before, after, layer).find((place) => before.data[place] === after.data[i]);
    back[at ?? 0] += value;
  });
  return back;
}

/** @param {Step} step */
function avgpoolBack({ gradient, before, after, layer }) {
  const back = new Float32Array(before.data.length);
  gradient.forEach((value, i) => {
    const places = windowOf(i, before, after, layer);
    for (const place of places) back[place] += value / places.length;
  });
  return back;
}

/** Where the window of the pooled value `i` lies in what was pooled. @param {number} i @param {Maps} before @param {Maps} after @param {Layer} layer */
function windowOf(i, before, after, { kernel = 1 }) {
  const channel = Math.floor(i / (after.size * after.size));
  const row = Math.floor(i / after.size) % after.size;
  const first = (channel * before.size + row * kernel) * before.size + (i % after.size) * kernel;
  return Array.from({ length: kernel * kernel }, (_, k) => first + Math.floor(k / kernel) * before.size + (k % kernel));
}

/** @param {Step} step */
function linearBack({ gradient, before, layer, weights }) {
  const count = before.data.length;
  return before.data.map((_, i) => gradient.reduce((sum, value, o) => sum + value * weights[(layer.weight ?? 0) + o * count + i], 0));
}
