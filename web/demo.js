/**
 * Pad, network and answer together: every frame of a stroke is read here, in the visitor's browser.
 * In:  an element that holds what `pad.html` and `answer.html` have, and where the exported network lies.
 * Out: to the page the answer; to its user every drawing that has ended.
 */

import { digitOf, mountAnswer } from './answer.js';
import { loadNetwork } from './cnn.js';
import { normaliseStrokes } from './normalise.js';
import { mountPad } from './pad.js';

/** @typedef {{strokes: number[][][], seen: number[] | null, digit: number | null}} Drawing  points are [x, y] in 0…1 */

/** To a ten-thousandth of the pad, which is finer than any screen. @param {number} value */
const rounded = (value) => Math.round(10_000 * value) / 10_000;

/**
 * @param {HTMLElement} root
 * @param {{description: string, weights: string}} urls of the exported network
 * @param {(drawing: Drawing) => void} [onDrawing] called when a stroke has ended or the pad was changed by a button
 */
export async function mountDemo(root, urls, onDrawing) {
  const pad = /** @type {HTMLElement} */ (root.querySelector('.pad'));
  const answer = /** @type {HTMLElement} */ (root.querySelector('.answer'));
  const how = /** @type {HTMLElement} */ (root.querySelector('.answer-how'));
  const network = await loadNetwork(urls.description, urls.weights);
  network.run(new Uint8Array(784)); // the first run compiles; better now than in the first stroke
  const show = mountAnswer(answer);
  show(null, false);

  mountPad(pad, (strokes, ended) => {
    const start = performance.now();
    // rounded before anything else, so that whoever gets the strokes sees the same image
    const paths = strokes.map(({ points }) => points.map(({ x, y }) => ({ x: rounded(x), y: rounded(y) })));
    const seen = normaliseStrokes(paths);
    const logProbs = seen && network.run(seen).logProbs;
    const milliseconds = performance.now() - start;
    show(seen && logProbs && { seen, logProbs }, ended);
    if (!ended) return;
    how.textContent = seen ? `Read in your browser in ${Math.max(1, Math.round(milliseconds))} ms.` : '';
    onDrawing?.({
      strokes: paths.map((path) => path.map(({ x, y }) => [x, y])),
      seen: seen && Array.from(seen),
      digit: logProbs && digitOf(logProbs),
    });
  });
}
