/**
 * Runs an exported network.
 * In:  the layers and the weights that `mnist_cnn/browser_format.py` exports; images of 28 × 28 grey levels, bright ink on 0.
 * Out: the log-probabilities of the digits 0–9 and, where there is an eleventh output, of "not a digit"; the activations of
 *      every layer.
 */

import { MODEL } from './constants.js';
import { argmax } from './ndimage.js';

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {'conv' | 'affine' | 'relu' | 'maxpool' | 'avgpool' | 'flatten' | 'linear' | 'log_softmax'} kind
 * @property {number} [outChannels] of conv and linear
 * @property {number} [kernel] of conv and the poolings, which step by it
 * @property {number} [padding] of conv
 * @property {number} [weight] where its values start among the weights: conv, affine, linear
 * @property {number} [bias] the same
 */
/**
 * @typedef {object} Row  of the layer table, as `receptive_field.py` gives it
 * @property {string} name
 * @property {number} in_channels
 * @property {number} out_channels
 * @property {number | null} kernel
 * @property {number | null} stride
 * @property {number | null} padding
 * @property {number} out_size
 * @property {number} receptive_field
 * @property {number | null} jump
 * @property {number} params
 */
/** @typedef {{name: string, fits: string, layers: string[]}} Stage  as `stages.py` gives it */
/**
 * @typedef {object} Description
 * @property {string} name
 * @property {number} parameters
 * @property {number} mean of standardised images
 * @property {number} std the same
 * @property {number} crc32 of the weights' bytes
 * @property {number} values number of float32 values in the weights
 * @property {Layer[]} layers
 * @property {Row[]} [table] every layer of the network as it was trained, batch norm included
 * @property {Stage[]} [stages] of the layers of the table
 * @property {Record<string, {name: string, about: string}>} [steps] what each kind of layer does, in words
 * @property {import('./confidence.js').Confidence | null} [confidence]
 */
/** @typedef {{data: Float32Array, channels: number, size: number}} Maps  channel by channel, row by row */
/** @typedef {{logProbs: Float32Array, input: Maps, activations: Map<string, Maps>}} Result  input: the standardised image */
/** @typedef {{description: Description, weights: Float32Array, run: (image: ArrayLike<number>) => Result}} Network */

const { IMAGE_SIZE, CLASSES } = MODEL;
/** Images whose results a network remembers, .2 to .5 MB each: those of a number of ten digits and of its doubtful groups. */
const REMEMBERED = 32;

/**
 * @param {string} descriptionUrl
 * @param {string} weightsUrl
 * @returns {Promise<Network>} rejects with a sentence when the files are missing or damaged
 */
export async function loadNetwork(descriptionUrl, weightsUrl) {
  const urls = [descriptionUrl, weightsUrl];
  const [description, weights] = await Promise.all(urls.map((url) => fetch(url).catch(() => null)));
  if (!description?.ok || !weights?.ok) throw new Error('the network could not be loaded. Reload the page.');
  return createNetwork(await description.json(), await weights.arrayBuffer());
}

/**
 * @param {Description} description
 * @param {ArrayBuffer} weights little-endian float32
 * @returns {Network}
 */
export function createNetwork(description, weights) {
  if (weights.byteLength !== 4 * description.values || crc32(new Uint8Array(weights)) !== description.crc32) {
    throw new Error('the downloaded network is damaged. Reload the page.');
  }
  const view = new DataView(weights);
  const values = Float32Array.from({ length: description.values }, (_, i) => view.getFloat32(4 * i, true));
  return networkOf(description, values);
}

/**
 * A network that remembers what it made of the latest images: on every frame, all digits of a number but the last one stay as
 * they are.
 * @param {Description} description
 * @param {Float32Array} weights that do not change
 * @returns {Network}
 */
export function networkOf(description, weights) {
  /** @type {Map<string, Result>} the least recently wanted first */
  const known = new Map();
  return {
    description,
    weights,
    run: (image) => {
      if (!(image instanceof Uint8Array)) return run(description, weights, image);
      const levels = String.fromCharCode(...image);
      const result = known.get(levels) ?? run(description, weights, image);
      known.delete(levels);
      known.set(levels, result);
      if (known.size > REMEMBERED) known.delete(/** @type {string} */ (known.keys().next().value));
      return result;
    },
  };
}

/** The most likely digit. @param {Pick<Result, 'logProbs'>} result */
export function digitOf({ logProbs }) {
  return argmax(logProbs.subarray(0, CLASSES));
}

/**
 * The receptive field of one cell of a layer's maps: the input pixels it depends on, clipped at the border of the image; the
 * last row and column are included.
 * @param {Description} description
 * @param {string} name of a layer before the flattening
 * @param {number} row
 * @param {number} column
 */
export function receptiveBox({ layers }, name, row, column) {
  let [top, bottom, left, right] = [row, row, column, column];
  for (let i = layers.findIndex((layer) => layer.name === name); i >= 0; i -= 1) {
    const { kind, kernel = 1, padding = 0 } = layers[i];
    if (kind !== 'conv' && kind !== 'maxpool' && kind !== 'avgpool') continue;
    const stride = kind === 'conv' ? 1 : kernel;
    [top, left] = [top * stride - padding, left * stride - padding];
    [bottom, right] = [bottom * stride - padding + kernel - 1, right * stride - padding + kernel - 1];
  }
  const clip = (/** @type {number} */ pixel) => Math.min(IMAGE_SIZE - 1, Math.max(0, pixel));
  return { top: clip(top), bottom: clip(bottom), left: clip(left), right: clip(right) };
}

/** The input of a network. @param {Description} description @param {ArrayLike<number>} image 784 grey levels @returns {Maps} */
export function standardise({ mean, std }, image) {
  return { data: Float32Array.from(image, (level) => (level / 255 - mean) / std), channels: 1, size: IMAGE_SIZE };
}

/** @param {Description} description @param {Float32Array} values @param {ArrayLike<number>} image @returns {Result} */
function run(description, values, image) {
  const input = standardise(description, image);
  let maps = input;
  /** @type {Map<string, Maps>} */
  const activations = new Map();
  for (const layer of description.layers) {
    maps = STEPS[layer.kind](maps, layer, values);
    activations.set(layer.name, maps);
  }
  return { logProbs: maps.data, input, activations };
}

/** What a layer makes of maps. @type {Record<Layer['kind'], (maps: Maps, layer: Layer, values: Float32Array) => Maps>} */
export const STEPS = {
  conv,
  affine,
  relu: ({ data, ...shape }) => ({ data: data.map((value) => (value > 0 ? value : 0)), ...shape }),
  maxpool: (maps, { kernel = 1 }) => pool(maps, kernel, -Infinity, Math.max, (most) => most),
  avgpool: (maps, { kernel = 1 }) => pool(maps, kernel, 0, (a, b) => a + b, (sum) => sum / kernel ** 2),
  flatten: ({ data }) => ({ data, channels: data.length, size: 1 }),
  linear,
  log_softmax: logSoftmax,
};

/** @param {Maps} maps @param {Layer} layer @param {Float32Array} values @returns {Maps} */
function conv(maps, { outChannels = 0, kernel = 1, padding = 0, weight = 0, bias = 0 }, values) {
  const { data, channels, size } = padded(maps, padding);
  const outSize = size - kernel + 1;
  const out = new Float32Array(outChannels * outSize * outSize);
  for (let o = 0; o < outChannels; o += 1) {
    const plane = out.subarray(o * outSize * outSize, (o + 1) * outSize * outSize);
    plane.fill(values[bias + o]);
    for (let c = 0; c < channels; c += 1) {
      const first = weight + (o * channels + c) * kernel * kernel;
      const filter = values.subarray(first, first + kernel * kernel);
      if (kernel === 3) addThree(plane, outSize, data, c * size * size, size, filter);
      else addAny(plane, outSize, data, c * size * size, size, filter, kernel);
    }
  }
  return { data: out, channels: outChannels, size: outSize };
}

/**
 * What a filter of 3×3 finds in one map, added to `plane`: all nine numbers in one pass, which is most of a network's time.
 * @param {Float32Array} plane @param {number} outSize @param {Float32Array} data @param {number} start of the map @param {number} size of the map
 * @param {Float32Array} filter
 */
function addThree(plane, outSize, data, start, size, filter) {
  const [a, b, c, d, e, f, g, h, i] = filter;
  for (let row = 0; row < outSize; row += 1) {
    let top = start + row * size;
    let middle = top + size;
    let bottom = middle + size;
    const end = (row + 1) * outSize;
    for (let to = row * outSize; to < end; to += 1) {
      plane[to] +=
        a * data[top] + b * data[top + 1] + c * data[top + 2] +
        d * data[middle] + e * data[middle + 1] + f * data[middle + 2] +
        g * data[bottom] + h * data[bottom + 1] + i * data[bottom + 2];
      top += 1;
      middle += 1;
      bottom += 1;
    }
  }
}

/**
 * The same for a filter of any size.
 * @param {Float32Array} plane @param {number} outSize @param {Float32Array} data @param {number} start @param {number} size
 * @param {Float32Array} filter @param {number} kernel
 */
function addAny(plane, outSize, data, start, size, filter, kernel) {
  filter.forEach((value, place) => {
    const [y, x] = [Math.floor(place / kernel), place % kernel];
    for (let row = 0; row < outSize; row += 1) {
      let from = start + (row + y) * size + x;
      const end = (row + 1) * outSize;
      for (let to = row * outSize; to < end; to += 1, from += 1) plane[to] += value * data[from];
    }
  });
}

/** With zeros around every channel. @param {Maps} maps @param {number} by @returns {Maps} */
function padded({ data, channels, size }, by) {
  const outSize = size + 2 * by;
  const out = new Float32Array(channels * outSize * outSize);
  for (let line = 0; line < channels * size; line += 1) {
    const start = (Math.floor(line / size) * outSize + (line % size) + by) * outSize + by;
    out.set(data.subarray(line * size, (line + 1) * size), start);
  }
  return { data: out, channels, size: outSize };
}

/** A batch norm that could not be folded. @param {Maps} maps @param {Layer} layer @param {Float32Array} values @returns {Maps} */
function affine({ data, channels, size }, { weight = 0, bias = 0 }, values) {
  const out = data.map((value, i) => {
    const channel = Math.floor(i / (size * size));
    return value * values[weight + channel] + values[bias + channel];
  });
  return { data: out, channels, size };
}

/**
 * @param {Maps} maps
 * @param {number} kernel also the stride; what is left at the border is dropped
 * @param {number} start
 * @param {(so_far: number, value: number) => number} combine
 * @param {(total: number) => number} finish
 * @returns {Maps}
 */
function pool({ data, channels, size }, kernel, start, combine, finish) {
  const outSize = Math.floor(size / kernel);
  const out = new Float32Array(channels * outSize * outSize);
  for (let i = 0; i < out.length; i += 1) {
    const channel = Math.floor(i / (outSize * outSize));
    const row = Math.floor(i / outSize) % outSize;
    const first = (channel * size + row * kernel) * size + (i % outSize) * kernel;
    let total = start;
    for (let y = 0; y < kernel; y += 1) for (let x = 0; x < kernel; x += 1) total = combine(total, data[first + y * size + x]);
    out[i] = finish(total);
  }
  return { data: out, channels, size: outSize };
}

/** @param {Maps} maps @param {Layer} layer @param {Float32Array} values @returns {Maps} */
function linear({ data }, { outChannels = 0, weight = 0, bias = 0 }, values) {
  const out = Float32Array.from({ length: outChannels }, (_, o) =>
    data.reduce((sum, value, i) => sum + value * values[weight + o * data.length + i], values[bias + o]),
  );
  return { data: out, channels: outChannels, size: 1 };
}

/** @param {Maps} maps @returns {Maps} */
function logSoftmax({ data, channels, size }) {
  const most = Math.max(...data);
  const total = Math.log(data.reduce((sum, value) => sum + Math.exp(value - most), 0));
  return { data: data.map((value) => value - most - total), channels, size };
}

/** As zlib computes it. @param {Uint8Array} bytes */
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return (crc ^ 0xffffffff) >>> 0;
}
