/**
 * What a visitor has taught: drawings with what they are, the last layer fitted to them, and where they are kept.
 * In:  drawings as text; the page's own network; the file `pull`, which `mnist_cnn/features.py` makes.
 * Out: a taught network for `useNetwork`, and what it costs.
 */

import { crc32, networkOf } from '../engine/cnn.js';
import { MODEL } from '../engine/constants.js';
import { normaliseStrokes } from '../engine/strokes.js';
import { knows, teach, variants } from '../engine/teach.js';
import { decodeStrokes } from '../pad/fragment.js';
import { HAND_KEY } from './line.js';

/** @typedef {import('../engine/cnn.js').Network} Network */
/** @typedef {import('../engine/teach.js').Layer} Layer */
/** @typedef {import('../engine/teach.js').Sample} Sample */
/** @typedef {import('../pad/data.js').Packed} Packed */
/** @typedef {{digit: number, draw: string} | {digit: number, image: string}} Kept  strokes as `encodeStrokes` writes them, or 784 grey levels in base64 */
/** @typedef {{rows: Sample, seen: Uint8Array}} Known  seen: 28 × 28 grey levels */

/** More drawings than this are not kept. */
export const MOST = 100;
/** A longer text is not a hand. */
export const MAX_LENGTH = 1_000_000;
const PIXELS = MODEL.IMAGE_SIZE * MODEL.IMAGE_SIZE;
const UNKNOWN = 'This is not a hand that this page saved.';

/** @param {Kept[]} kept */
export const textOf = (kept) => JSON.stringify({ hand: 1, drawings: kept });

/**
 * What `textOf` wrote, from a text that could be anything.
 * @param {string} text
 * @returns {{kept: Kept[], lost: number}} lost: drawings that are damaged, or too many; throws a sentence when nothing can be used
 */
export function handOf(text) {
  if (text.length > MAX_LENGTH) throw new Error(UNKNOWN);
  let drawings;
  try {
    ({ drawings } = JSON.parse(text));
  } catch {
    throw new Error(UNKNOWN);
  }
  if (!Array.isArray(drawings)) throw new Error(UNKNOWN);
  const kept = drawings.slice(0, MOST).flatMap(usable);
  if (drawings.length && !kept.length) throw new Error(UNKNOWN);
  return { kept, lost: drawings.length - kept.length };
}

/** @param {any} value @returns {Kept[]} none or one */
function usable(value) {
  const digit = value?.digit;
  if (!Number.isInteger(digit) || digit < 0 || digit >= MODEL.CLASSES) return [];
  if (typeof value.draw === 'string') return decodeStrokes(value.draw)?.length ? [{ digit, draw: value.draw }] : [];
  return typeof value.image === 'string' && levelsOf(value.image) ? [{ digit, image: value.image }] : [];
}

/** @param {ArrayLike<number>} levels 784 @returns {string} in base64 */
export const imageOf = (levels) => btoa(String.fromCharCode(...Array.from(levels)));

/** @param {string} image @returns {Uint8Array | null} null when it is not 784 grey levels with ink among them */
function levelsOf(image) {
  try {
    const levels = Uint8Array.from(atob(image), (sign) => sign.charCodeAt(0));
    return levels.length === PIXELS && levels.some(Boolean) ? levels : null;
  } catch {
    return null;
  }
}

/** Keep them in this browser. @param {Kept[]} kept @returns {boolean} whether it could */
export function keepHand(kept) {
  try {
    if (kept.length) localStorage.setItem(HAND_KEY, textOf(kept));
    else localStorage.removeItem(HAND_KEY);
    return true;
  } catch {
    return false; // full, or forbidden
  }
}

/** What was kept; empty when there is nothing, or nothing that can be used. @returns {{kept: Kept[], sentence: string}} */
export function keptHand() {
  try {
    const text = localStorage.getItem(HAND_KEY);
    if (text === null) return { kept: [], sentence: '' };
    const { kept, lost } = handOf(text);
    return { kept, sentence: lostSentence(lost) };
  } catch (error) {
    const damaged = error instanceof Error && error.message === UNKNOWN;
    return { kept: [], sentence: damaged ? 'What this browser had kept of your hand is damaged, so it starts anew.' : '' };
  }
}

/** @param {number} lost */
export function lostSentence(lost) {
  if (!lost) return '';
  return lost === 1 ? 'One drawing could not be used.' : `${lost} drawings could not be used.`;
}

/** Fits a network's last layer. */
export class Teacher {
  /** @type {Map<string, Known>} by drawing */
  #known = new Map();
  #own;
  #moments;
  #digitFrom;
  #linear;
  #inputs;
  /** The layer as it was. @type {Layer} */
  shipped;

  /** @param {Network} own @param {Packed} pull throws a sentence when it belongs to another network */
  constructor(own, pull) {
    const { layers, confidence, crc32: checksum } = own.description;
    const at = layers.findIndex(({ kind }) => kind === 'linear');
    const { moments } = pull.arrays;
    if (pull.about.crc32 !== checksum) throw new Error('This version of the network cannot be taught.');
    this.#own = own;
    this.#linear = layers[at];
    this.#inputs = layers[at - 1].name;
    const size = moments.shape[0];
    this.#moments = Array.from({ length: size }, (_, i) => Float64Array.from(moments.values.subarray(i * size, (i + 1) * size)));
    this.#digitFrom = confidence?.digit_from ?? -Infinity;
    const { outChannels = 0, weight = 0, bias = 0 } = this.#linear;
    this.shipped = Array.from({ length: outChannels }, (_, o) =>
      Float64Array.from({ length: size }, (_value, i) => own.weights[i === size - 1 ? bias + o : weight + o * (size - 1) + i]),
    );
  }

  /** What the last layer gets to see of a drawing. @param {Kept} kept @returns {Known} */
  know(kept) {
    const text = 'draw' in kept ? kept.draw : kept.image;
    const found = this.#known.get(text) ?? this.#look(kept);
    this.#known.set(text, found);
    return found;
  }

  /** @param {Kept} kept @returns {Known} */
  #look(kept) {
    const images = 'draw' in kept ? variants((decodeStrokes(kept.draw) ?? []).map(({ points }) => points)).map(normaliseStrokes) : [levelsOf(kept.image)];
    const rows = images.map((image) => {
      const maps = this.#own.run(image ?? new Uint8Array(PIXELS)).activations.get(this.#inputs);
      return Float64Array.from([...(maps?.data ?? []), 1]);
    });
    return { rows, seen: images[0] ?? new Uint8Array(PIXELS) };
  }

  /** @param {Kept[]} kept @returns {Layer} */
  fit(kept) {
    const samples = kept.map((each) => this.know(each).rows);
    return teach(this.shipped, samples, kept.map(({ digit }) => digit), this.#moments, this.#digitFrom);
  }

  /** The page's own network with another last layer. @param {Layer} layer @returns {Network} */
  networkWith(layer) {
    const { outChannels = 0, weight = 0, bias = 0 } = this.#linear;
    const weights = Float32Array.from(this.#own.weights);
    for (let o = 0; o < outChannels; o += 1) {
      const row = layer[o];
      weights.set(row.subarray(0, -1), weight + o * (row.length - 1));
      weights[bias + o] = row[row.length - 1];
    }
    const description = { ...this.#own.description, crc32: crc32(new Uint8Array(weights.buffer)) };
    return networkOf(description, weights);
  }

  /** Whether a layer reads a drawing as what it is. @param {Layer} layer @param {Kept} kept */
  reads(layer, kept) {
    return knows(layer, this.know(kept).rows[0], kept.digit, this.#digitFrom);
  }
}

/**
 * How many of MNIST's test digits a network answers correctly, as it was and with another last layer.
 * @param {Packed} packed as `pack_test_features` makes it: features are rounded, so the answers of the network as it was stand beside them
 * @param {Layer} shipped @param {Layer} layer
 */
export function testDigitsRead(packed, shipped, layer) {
  const { labels, answers } = packed.arrays;
  const [rounded, taught] = [shipped, layer].map((each) => answersOf(packed, each));
  let [before, after] = [0, 0];
  labels.values.forEach((label, n) => {
    const answer = answers.values[n];
    before += Number(answer === label);
    after += Number((taught[n] === rounded[n] ? answer : taught[n]) === label);
  });
  return { count: labels.values.length, before, after };
}

/** @param {Packed} packed @param {Layer} layer */
function answersOf({ arrays: { features, scales } }, layer) {
  const [count, size] = features.shape;
  const rows = layer.slice(0, MODEL.CLASSES).map((row) => row.map((value, i) => (i < size ? value * scales.values[i] : value)));
  const answers = new Uint8Array(count);
  for (let n = 0; n < count; n += 1) {
    let most = -Infinity;
    rows.forEach((row, digit) => {
      let score = row[size];
      for (let i = 0; i < size; i += 1) score += row[i] * features.values[n * size + i];
      if (score > most) [answers[n], most] = [digit, score];
    });
  }
  return answers;
}
