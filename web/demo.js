/**
 * Pad, network and answer together: every frame of a stroke is read here, in the visitor's browser.
 * In:  an element that holds what `pad.html` and `answer.html` have, and where the exported network lies.
 * Out: to the page the answer; to a server that checks it, if there is one, every drawing that has ended.
 */

import { digitOf, mountAnswer } from './answer.js';
import { loadNetwork } from './cnn.js';
import { normaliseStrokes } from './normalise.js';
import { mountPad } from './pad.js';

/** @typedef {{strokes: number[][][], seen: number[], digit: number}} Drawing  points are [x, y] in 0…1 */

/** To a ten-thousandth of the pad, which is finer than any screen. @param {number} value */
const rounded = (value) => Math.round(10_000 * value) / 10_000;

/**
 * @param {HTMLElement} root
 * @param {{description: string, weights: string}} urls of the exported network
 * @param {(drawing: Drawing) => Promise<string | undefined>} [check] called when a stroke has ended or the pad was changed by a button;
 *   gives a second opinion in words, and may fail: the answer does not depend on it
 */
export async function mountDemo(root, urls, check) {
  const pad = /** @type {HTMLElement} */ (root.querySelector('.pad'));
  const answer = /** @type {HTMLElement} */ (root.querySelector('.answer'));
  const how = /** @type {HTMLElement} */ (root.querySelector('.answer-how'));
  const network = await loadNetwork(urls.description, urls.weights);
  network.run(new Uint8Array(784)); // the first run compiles; better now than in the first stroke
  const show = mountAnswer(answer);
  show(null, false);
  let drawingNumber = 0;

  mountPad(pad, (strokes, ended) => {
    const start = performance.now();
    // rounded before anything else, so that whoever gets the strokes sees the same image
    const paths = strokes.map(({ points }) => points.map(({ x, y }) => ({ x: rounded(x), y: rounded(y) })));
    const seen = normaliseStrokes(paths);
    const logProbs = seen && network.run(seen).logProbs;
    const milliseconds = performance.now() - start;
    show(seen && logProbs && { seen, logProbs }, ended);
    if (!ended) return;
    drawingNumber += 1;
    const number = drawingNumber;
    how.textContent = seen ? `Read in your browser in ${Math.max(1, Math.round(milliseconds))} ms.` : '';
    if (!seen || !logProbs || !check) return;
    const drawing = {
      strokes: paths.map((path) => path.map(({ x, y }) => [x, y])),
      seen: Array.from(seen),
      digit: digitOf(logProbs),
    };
    check(drawing)
      .catch(() => undefined)
      .then((words) => {
        if (words && number === drawingNumber) how.textContent += ` ${words}`;
      });
  });
}
