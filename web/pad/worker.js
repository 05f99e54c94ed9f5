/**
 * Decodes image files and reads pictures in a thread of its own, so that the page stays alive meanwhile.
 * In:  a file; or a picture, and where the exported network lies.
 * Out: its pixels; or its digits, without all that the network computed, which the page computes sooner than it is sent. Or why
 *      there are none.
 */

import { loadNetwork } from '../engine/cnn.js';
import { readPicture } from '../engine/predict.js';
import { decode } from './decode.js';

/** @typedef {import('../engine/cnn.js').Network} Network */
/** @typedef {import('../engine/predict.js').FoundDigit} FoundDigit */
/** @typedef {Pick<FoundDigit, 'box' | 'line' | 'ink' | 'seen' | 'judgement'>} Seen */
/** @typedef {{file: Blob} | {urls: {description: string, weights: string}, picture: import('../engine/raster.js').Picture}} Question */
/** @typedef {{pixels: import('./pixels.js').Pixels} | {digits: Seen[]}} Answered */
/** @typedef {Answered | {error: string}} Reply */

/** The network that read the picture before. @type {{weights: string, network: Promise<Network>} | undefined} */
let loaded;

/** @param {Question} question @returns {Promise<Answered>} */
async function answer(question) {
  if ('file' in question) return { pixels: await decode(question.file) };
  const { description, weights } = question.urls;
  if (loaded?.weights !== weights) loaded = { weights, network: loadNetwork(description, weights) };
  const digits = readPicture(await loaded.network, question.picture);
  return { digits: digits.map(({ box, line, ink, seen, judgement }) => ({ box, line, ink, seen, judgement })) };
}

addEventListener('message', async (/** @type {MessageEvent<Question>} */ { data }) => {
  /** @type {Reply} */
  let reply;
  try {
    reply = await answer(data);
  } catch (error) {
    reply = { error: String(error) };
  }
  postMessage(reply);
});
