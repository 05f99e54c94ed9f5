/**
 * Pad, network and answer together: every frame of a stroke is read here, in the visitor's browser.
 * In:  an element that holds what `pad.html` and `answer.html` have, and where the exported network lies.
 * Out: to the page the answer; to a server that checks it, if there is one, every drawing that has ended.
 */

import { digitOf, mountAnswer } from './answer.js';
import { IMAGE_SIZE, loadNetwork } from './cnn.js';
import { normaliseStrokes } from './normalise.js';
import { mountPad } from './pad.js';

/** @typedef {{network: import('./cnn.js').Network, seen: Uint8Array | null}} Reading  what the network saw, null on an empty pad */
/** @typedef {{strokes: number[][][], seen: number[], digit: number}} Drawing  points are [x, y] in 0…1 */

/** To a ten-thousandth of the pad, which is finer than any screen. @param {number} value */
const rounded = (value) => Math.round(10_000 * value) / 10_000;

/** @type {((reading: Reading) => void)[]} */
const listeners = [];
/** @type {Reading | undefined} */
let latest;

/** Be told of every drawing that has ended, and at once of the latest. @param {(reading: Reading) => void} listener */
export function onReading(listener) {
  listeners.push(listener);
  if (latest) listener(latest);
}

/** @type {(levels: Uint8Array) => void} */
let put = () => undefined;

/** Show the answer for an image as the network would see it. @param {Uint8Array} levels 784 grey levels, bright ink on 0 */
export function putOnPad(levels) {
  put(levels);
}

/** @param {Reading} reading */
function tell(reading) {
  latest = reading;
  for (const listener of listeners) listener(reading);
}

/**
 * @param {HTMLElement} root
 * @param {{description: string, weights: string}} urls of the exported network
 * @param {(drawing: Drawing) => Promise<string | undefined>} [check] called when a stroke has ended or the pad was changed by a
 *   button; gives a second opinion in words, and may fail: the answer does not depend on it
 */
export async function mountDemo(root, urls, check) {
  const pad = /** @type {HTMLElement} */ (root.querySelector('.pad'));
  const how = /** @type {HTMLElement} */ (root.querySelector('.answer-how'));
  const show = mountAnswer(/** @type {HTMLElement} */ (root.querySelector('.answer')));
  show(null, false);
  /** @type {import('./cnn.js').Network | null} */
  let network = null;
  /** @type {import('./pad.js').Stroke[]} */
  let drawn = [];
  let drawingNumber = 0;

  /** @param {import('./pad.js').Stroke[]} strokes @param {boolean} ended */
  function read(strokes, ended) {
    drawn = strokes;
    drawingNumber += 1; // what is still to come of an earlier drawing is no longer wanted
    how.textContent = '';
    if (!network) return;
    const start = performance.now();
    // rounded before anything else, so that whoever gets the strokes sees the same image
    const paths = strokes.map(({ points }) => points.map(({ x, y }) => ({ x: rounded(x), y: rounded(y) })));
    const seen = normaliseStrokes(paths);
    const logProbs = seen && network.run(seen).logProbs;
    const milliseconds = Math.max(1, Math.round(performance.now() - start));
    show(seen && logProbs && { seen, logProbs }, ended);
    if (!ended) return;
    tell({ network, seen });
    if (!seen || !logProbs) return;
    how.textContent = `Read in your browser in ${milliseconds} ms.`;
    if (!check) return;
    const number = drawingNumber;
    const strokesOfPairs = paths.map((path) => path.map(({ x, y }) => [x, y]));
    check({ strokes: strokesOfPairs, seen: Array.from(seen), digit: digitOf(logProbs) })
      .catch(() => undefined)
      .then((words) => {
        if (words && number === drawingNumber) how.textContent += ` ${words}`;
      });
  }

  mountPad(pad, read); // drawn on at once; what is drawn before the network has come is read when it has
  try {
    const loaded = await loadNetwork(urls.description, urls.weights);
    loaded.run(new Uint8Array(IMAGE_SIZE * IMAGE_SIZE)); // the first run compiles; better now than in the first stroke
    network = loaded;
    put = (levels) => {
      show({ seen: levels, logProbs: loaded.run(levels).logProbs }, true);
      tell({ network: loaded, seen: levels });
    };
  } catch (error) {
    how.textContent = `No answers: ${error instanceof Error ? error.message : error}`;
    throw error;
  }
  tell({ network, seen: null });
  if (drawn.length) read(drawn, true);
}
