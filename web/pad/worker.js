/**
 * Reads pictures in a thread of its own, so that the page stays alive meanwhile.
 * In:  first where the exported network lies, then pictures.
 * Out: the digits of each, without what the network said: the page asks its own again. Or why there are none.
 */

import { loadNetwork } from '../engine/cnn.js';
import { readPicture } from '../engine/predict.js';

/** @typedef {import('../engine/cnn.js').Network} Network */
/** @typedef {import('../engine/predict.js').FoundDigit} FoundDigit */
/** @typedef {Pick<FoundDigit, 'box' | 'line' | 'ink' | 'seen'>} Seen */
/** @typedef {{urls: {description: string, weights: string}, picture: import('../engine/raster.js').Picture}} Question */
/** @typedef {{digits: Seen[]} | {error: string}} Reply */

/** @type {Promise<Network> | undefined} */
let network;

addEventListener('message', async (/** @type {MessageEvent<Question>} */ { data: { urls, picture } }) => {
  /** @type {Reply} */
  let reply;
  try {
    network ??= loadNetwork(urls.description, urls.weights);
    const digits = readPicture(await network, picture);
    reply = { digits: digits.map(({ box, line, ink, seen }) => ({ box, line, ink, seen })) };
  } catch (error) {
    reply = { error: String(error) };
  }
  postMessage(reply);
});
