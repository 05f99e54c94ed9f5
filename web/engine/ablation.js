/**
 * A network with some of its channels switched off: after its ReLU, such a channel is 0 everywhere. The JavaScript counterpart of
 * `mnist_cnn/ablation.py`.
 */

import { STEPS, digitOf, standardise } from './cnn.js';

/** @typedef {import('./cnn.js').Description} Description */
/** @typedef {import('./cnn.js').Maps} Maps */
/** @typedef {import('./cnn.js').Network} Network */
/** @typedef {import('./cnn.js').Result} Result */
/** @typedef {Map<string, Set<number>>} Off  which channels are off, by the name of their ReLU */

/** Of a normal distribution, 95 % lies within so many standard deviations. */
const Z = 1.96;

/** The layers whose channels can be switched off, every ReLU, and how many channels each has. @param {Description} description @returns {Map<string, number>} */
export function switchable({ layers }) {
  const found = new Map();
  let channels = 0;
  for (const { name, kind, outChannels = 0 } of layers) {
    if (kind === 'conv') channels = outChannels;
    if (kind === 'relu') found.set(name, channels);
  }
  return found;
}

/**
 * The result with the channels `off`. What lies before the first of them is taken from `whole`.
 * @param {Network} network
 * @param {Pick<Result, 'input' | 'activations'>} whole of `network.run` for the image, or of this function with fewer channels off;
 *   without activations, everything is computed
 * @param {Off} off
 * @returns {Result}
 */
export function runWithout({ description, weights }, whole, off) {
  /** @type {Result['activations']} */
  const activations = new Map();
  let maps = whole.input;
  let changed = false;
  for (const layer of description.layers) {
    maps = (changed ? null : whole.activations.get(layer.name)) ?? STEPS[layer.kind](maps, layer, weights);
    const channels = off.get(layer.name);
    if (channels?.size) {
      maps = silenced(maps, channels);
      changed = true;
    }
    activations.set(layer.name, maps);
  }
  return { logProbs: maps.data, input: whole.input, activations };
}

/** @param {Maps} maps @param {Iterable<number>} off @returns {Maps} */
function silenced({ data, channels, size }, off) {
  const rest = data.slice();
  for (const channel of off) rest.fill(0, channel * size * size, (channel + 1) * size * size);
  return { data: rest, channels, size };
}

/** How many of `images` are read as their label without the channels `off`. @param {Network} network @param {ArrayLike<number>[]} images @param {ArrayLike<number>} labels @param {Off} off */
export function countRight(network, images, labels, off) {
  const activations = new Map();
  return images.filter((image, i) => {
    const input = standardise(network.description, image);
    return digitOf(runWithout(network, { input, activations }, off)) === labels[i];
  }).length;
}

/** Between which shares the true one lies with 95 % certainty, when `right` of `n` were right (Wilson 1927). @param {number} right @param {number} n */
export function interval(right, n) {
  const middle = (right + Z ** 2 / 2) / (n + Z ** 2);
  const half = (Z / (n + Z ** 2)) * Math.sqrt((right * (n - right)) / n + Z ** 2 / 4);
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
