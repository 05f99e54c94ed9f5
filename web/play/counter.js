/**
 * Reads test digits in a thread of its own, with some channels switched off.
 * In:  the network and the digits, once; then which channels are off.
 * Out: how many of the digits so far are read correctly, again and again, until all are or another question comes.
 */

import { countRight } from '../engine/ablation.js';
import { networkOf } from '../engine/cnn.js';
import { fromFourBits } from '../engine/fourbits.js';

/**
 * @typedef {object} Given
 * @property {import('../engine/cnn.js').Description} description
 * @property {Float32Array} weights
 * @property {Uint8Array} pixels of the digits, two in a byte
 * @property {Uint8Array} labels
 */
/** @typedef {{number: number, given?: Given, off: import('../engine/ablation.js').Off}} Question */
/** @typedef {{number: number, right: number, n: number, ended: boolean}} Count  number: of the question */

/** Digits between two reports. */
const PART = 50;

/** @type {{network: import('../engine/cnn.js').Network, images: Uint8Array[], labels: Uint8Array} | undefined} */
let known;
/** The number of the latest question. */
let latest = 0;

addEventListener('message', async (/** @type {MessageEvent<Question>} */ { data: { number, given, off } }) => {
  latest = number;
  if (given) known = { network: networkOf(given.description, given.weights), images: fromFourBits(given.pixels), labels: given.labels };
  if (!known) return;
  const { network, images, labels } = known;
  let right = 0;
  for (let start = 0; start < images.length; start += PART) {
    const end = Math.min(start + PART, images.length);
    right += countRight(network, images.slice(start, end), labels.subarray(start, end), off);
    /** @type {Count} */
    const count = { number, right, n: end, ended: end === images.length };
    postMessage(count);
    await new Promise((resolve) => setTimeout(resolve)); // another question may have come
    if (number !== latest) return;
  }
});
