/**
 * Pad, network and answer together: every frame of a stroke is read here, in the visitor's browser.
 * In:  an element that holds what `pad.html` and `answer.html` have, and where the exported network lies.
 * Out: to the page the answer; to a server that checks it, if there is one, every drawing that has ended.
 */

import { mountAnswer, numberOf } from './answer.js';
import { mountBring, sheetOf } from './imports.js';
import { IMAGE_SIZE, loadNetwork } from '../engine/cnn.js';
import { mountPad } from './pad.js';
import { pathsOf, readDigits } from './read.js';

/** @typedef {import('./read.js').Digit} Digit */
/** @typedef {import('./pad.js').Stroke} Stroke */
/**
 * @typedef {object} Reading
 * @property {import('../engine/cnn.js').Network} network
 * @property {Stroke[]} strokes what is on the pad
 * @property {Digit | null} digit the one looked at; null on an empty pad
 */
/** @typedef {{strokes: number[][][], seen: number[][], number: string}} Drawing  points are [x, y] in 0…1; seen: an image a digit */

/** @type {((reading: Reading) => void)[]} */
const listeners = [];
/** @type {Reading | undefined} */
let latest;
/** @type {import('./pad.js').Pad | undefined} */
let thePad;

/** Be told of every drawing that has ended, and at once of the latest. @param {(reading: Reading) => void} listener */
export function onReading(listener) {
  listeners.push(listener);
  if (latest) listener(latest);
}

/** Show a digit of MNIST on the pad. @param {Uint8Array} levels 784, bright ink on 0 */
export function putOnPad(levels) {
  thePad?.put([{ points: [], width: 0, sheet: sheetOf(levels) }]);
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
  const paper = /** @type {HTMLElement} */ (root.querySelector('.pad'));
  const boxes = /** @type {HTMLElement} */ (root.querySelector('.pad-boxes'));
  const how = /** @type {HTMLElement} */ (root.querySelector('.answer-how'));
  const show = mountAnswer(/** @type {HTMLElement} */ (root.querySelector('.answer')), choose);
  show([], 0, false);
  /** @type {import('../engine/cnn.js').Network | null} */
  let network = null;
  /** @type {Stroke[]} */
  let drawn = [];
  /** @type {Digit[]} */
  let digits = [];
  let drawingNumber = 0;

  /** @param {number} index */
  function choose(index) {
    show(digits, index, true);
    showBoxes(index);
    if (network) tell({ network, strokes: drawn, digit: digits[index] });
  }

  /** Where several digits were found, or what of a picture. @param {number} chosen */
  function showBoxes(chosen) {
    const wanted = digits.length > 1 || drawn.some(({ sheet }) => sheet && !sheet.levels) ? digits : [];
    while (boxes.children.length > wanted.length) boxes.lastElementChild?.remove();
    while (boxes.children.length < wanted.length) {
      const mark = document.createElement('span');
      mark.append(document.createElement('b'));
      boxes.append(mark);
    }
    wanted.forEach(({ box: { left, top, right, bottom } }, i) => {
      const mark = /** @type {HTMLElement} */ (boxes.children[i]);
      const percent = (/** @type {number} */ share) => `${100 * share}%`;
      Object.assign(mark.style, { left: percent(left), top: percent(top), width: percent(right - left), height: percent(bottom - top) });
      /** @type {HTMLElement} */ (mark.firstElementChild).textContent = numberOf([digits[i]]);
      mark.classList.toggle('chosen', wanted.length > 1 && i === chosen);
    });
  }

  /** @param {Stroke[]} strokes @param {boolean} ended */
  function read(strokes, ended) {
    drawn = strokes;
    drawingNumber += 1; // what is still to come of an earlier drawing is no longer wanted
    how.textContent = '';
    if (!network) return;
    const photograph = strokes.some(({ sheet }) => sheet && !sheet.levels);
    if (photograph && !ended) return; // takes longer than a frame
    const start = performance.now();
    digits = readDigits(network, strokes);
    const milliseconds = Math.max(1, Math.round(performance.now() - start));
    const last = Math.max(0, digits.length - 1);
    show(digits, last, ended);
    showBoxes(last);
    if (!ended) return;
    tell({ network, strokes, digit: digits[last] ?? null });
    if (digits.length === 0) {
      if (strokes.length) how.textContent = 'No ink was found in this picture. Try one with more light, or closer to the digit.';
      return;
    }
    how.textContent = `Read in your browser in ${milliseconds} ms.`;
    if (!check || strokes.some(({ sheet }) => sheet)) return; // a picture stays here
    const number = drawingNumber;
    const strokesOfPairs = pathsOf(strokes).map((path) => path.map(({ x, y }) => [x, y]));
    check({ strokes: strokesOfPairs, seen: digits.map(({ seen }) => Array.from(seen)), number: numberOf(digits) })
      .catch(() => undefined)
      .then((words) => {
        if (words && number === drawingNumber) how.textContent += ` ${words}`;
      });
  }

  const pad = mountPad(paper, read); // drawn on at once; what is drawn before the network has come is read when it has
  thePad = pad;
  mountBring(paper, pad, (words) => {
    how.textContent = words;
  });
  try {
    const loaded = await loadNetwork(urls.description, urls.weights);
    loaded.run(new Uint8Array(IMAGE_SIZE * IMAGE_SIZE)); // the first run compiles; better now than in the first stroke
    network = loaded;
  } catch (error) {
    how.textContent = `No answers: ${error instanceof Error ? error.message : error}`;
    throw error;
  }
  tell({ network, strokes: [], digit: null });
  if (drawn.length) read(drawn, true);
}
