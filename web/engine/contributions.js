/**
 * Of what a value is made: the terms that a convolution or the linear layer adds up.
 * In:  a network and what it said about an image.
 * Out: terms, a bias and the total, which is the value in the activations.
 */

import { sum } from './ndimage.js';

/** @typedef {import('./cnn.js').Network} Network */
/** @typedef {import('./cnn.js').Result} Result */
/** @typedef {import('./cnn.js').Maps} Maps */
/** @typedef {import('./cnn.js').Layer} Layer */
/** @typedef {{map: number, row: number, column: number}} Cell  of a layer's maps */
/**
 * @typedef {object} Convolution  of one cell
 * @property {number} kernel
 * @property {Float32Array} patch what lies under the filter, input map by input map, row by row
 * @property {Float32Array} filter the same shape
 * @property {number} bias
 * @property {number} total
 */

/** The layer before, or the image. @param {Network} network @param {Result} result @param {string} name of a layer @returns {Maps} */
export function inputOf(network, result, name) {
  const { layers } = network.description;
  const at = layers.findIndex((layer) => layer.name === name);
  return at === 0 ? result.input : /** @type {Maps} */ (result.activations.get(layers[at - 1].name));
}

/** @param {Network} network @param {string} name of one of its layers */
export const layerOf = (network, name) => /** @type {Layer} */ (network.description.layers.find((layer) => layer.name === name));

/**
 * What a convolution multiplies and adds up for one cell; beside the maps lie zeros.
 * @param {Network} network @param {Result} result @param {string} name of a convolution @param {Cell} cell
 * @returns {Convolution}
 */
export function convolutionOf(network, result, name, { map, row, column }) {
  const { kernel = 1, padding = 0, weight = 0, bias = 0 } = layerOf(network, name);
  const { data, channels, size } = inputOf(network, result, name);
  const patch = new Float32Array(channels * kernel * kernel);
  for (let i = 0; i < patch.length; i += 1) {
    const channel = Math.floor(i / (kernel * kernel));
    const y = row - padding + (Math.floor(i / kernel) % kernel);
    const x = column - padding + (i % kernel);
    if (y >= 0 && x >= 0 && y < size && x < size) patch[i] = data[(channel * size + y) * size + x];
  }
  const filter = network.weights.subarray(weight + map * patch.length, weight + (map + 1) * patch.length);
  return { kernel, patch, filter, bias: network.weights[bias + map], total: sum(products({ patch, filter })) + network.weights[bias + map] };
}

/**
 * The same for a convolution of the image, in ink from 0 (none) to 1 (full) in place of standardised levels.
 * @param {Network} network @param {Result} result @param {string} name of the first layer @param {Cell} cell
 * @returns {Convolution}
 */
export function inkConvolutionOf(network, result, name, cell) {
  const { mean, std } = network.description;
  const { kernel, patch, filter, bias, total } = convolutionOf(network, result, name, cell);
  return {
    kernel,
    patch: patch.map((value) => value * std + mean),
    filter: filter.map((value) => value / std),
    bias: bias - (sum(filter) * mean) / std,
    total,
  };
}

/** @param {Pick<Convolution, 'patch' | 'filter'>} convolution */
export const products = ({ patch, filter }) => patch.map((value, i) => value * filter[i]);

/** @param {Convolution} convolution @returns {number[]} the sum of the products, by input map */
export function sumsByMap(convolution) {
  const cells = convolution.kernel ** 2;
  const all = products(convolution);
  return Array.from({ length: all.length / cells }, (_, map) => sum(all.subarray(map * cells, (map + 1) * cells)));
}

/**
 * What the linear layer adds up for one of its outputs, by map of the layer that it reads.
 * @param {Network} network @param {Result} result @param {string} name of the linear layer @param {number} output
 * @returns {{terms: number[], weights: number[] | null, means: number[], bias: number, total: number}} weights: one per map where a
 *   map is one number, else null
 */
export function scoreOf(network, result, name, output) {
  const { layers } = network.description;
  const flatten = layers.findIndex(({ kind }) => kind === 'flatten');
  const { data, channels, size } = /** @type {Maps} */ (result.activations.get(layers[flatten - 1].name));
  const { weight = 0, bias = 0 } = layerOf(network, name);
  const weights = network.weights.subarray(weight + output * data.length, weight + (output + 1) * data.length);
  const cells = size * size;
  const byMap = (/** @type {ArrayLike<number>} */ values) =>
    Array.from({ length: channels }, (_, map) => sum(Array.prototype.slice.call(values, map * cells, (map + 1) * cells)));
  const terms = byMap(products({ patch: data, filter: weights }));
  return {
    terms,
    weights: size === 1 ? Array.from(weights) : null,
    means: byMap(data).map((total) => total / cells),
    bias: network.weights[bias + output],
    total: sum(terms) + network.weights[bias + output],
  };
}
