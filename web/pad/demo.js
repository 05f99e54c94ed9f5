/**
 * Pad, network and answer together: every frame of a stroke is read here, in the visitor's browser.
 * In:  an element that holds what `pad.html` and `answer.html` have, and where the exported network lies.
 * Out: the answer, on the page; every drawing that has ended, to a server that checks it, if there is one.
 */

import { loadNetwork } from '../engine/cnn.js';
import { MODEL, STROKES } from '../engine/constants.js';
import { numberOf } from '../engine/predict.js';
import { Answer } from './answer.js';
import { find, keepChildren, make, placeAt } from './dom.js';
import { mountImports, putSheet, sheetOf } from './imports.js';
import { Pad } from './pad.js';
import { pathsOf, readDigits } from './read.js';
import { brushMargin, grown, holdsPhotograph } from './strokes.js';
import { signsOf, stateOf } from './words.js';

/** @typedef {import('../engine/cnn.js').Network} Network */
/** @typedef {import('./read.js').Digit} Digit */
/** @typedef {import('./strokes.js').Stroke} Stroke */
/**
 * @typedef {object} Reading
 * @property {Network} network
 * @property {Stroke[]} strokes what is on the pad
 * @property {Digit | null} digit the selected one; null on an empty pad
 */
/** @typedef {{strokes: number[][][], seen: number[][], number: string}} Drawing  points are [x, y] in 0…1; seen: one image per digit */
/** @typedef {(drawing: Drawing) => Promise<string | undefined>} Check */

/** Between a digit's ink and its box, and the height of the label above it, in fractions of the pad's side. */
const BOX_MARGIN = 0.015;
const LABEL_HEIGHT = 0.06;

/** @type {((reading: Reading) => void)[]} */
const listeners = [];
/** @type {Reading | undefined} */
let latest;
/** @type {Pad | undefined} */
let thePad;

/** Call `listener` for every drawing that has ended, and at once for the latest. @param {(reading: Reading) => void} listener */
export function onReading(listener) {
  listeners.push(listener);
  if (latest) listener(latest);
}

/** Show a digit of MNIST on the pad. @param {Uint8Array} levels 784, bright ink on 0 */
export function putOnPad(levels) {
  if (thePad) putSheet(thePad, sheetOf(levels));
}

/**
 * @param {HTMLElement} root
 * @param {{description: string, weights: string}} urls of the exported network
 * @param {Check} [check] called when a stroke has ended or the pad was changed by a button; returns a second opinion as a sentence.
 *   It may fail: the answer does not depend on it
 */
export async function mountDemo(root, urls, check) {
  await new Demo(root, check).load(urls);
}

class Demo {
  /** @type {Network | null} */
  #network = null;
  /** @type {Stroke[]} what is on the pad */
  #strokes = [];
  /** @type {Digit[]} what was read from it */
  #digits = [];
  /** Of the drawing on the pad; a late answer about an earlier one is dropped. */
  #drawingNumber = 0;

  #answer;
  #boxes;
  #note;
  #check;

  /** The pad can be used at once; what is drawn before the network has loaded is read as soon as it has. @param {HTMLElement} root @param {Check} [check] */
  constructor(root, check) {
    this.#check = check;
    this.#boxes = find(root, '.pad-boxes', HTMLElement);
    this.#note = find(root, '.answer-how', HTMLElement);
    this.#answer = new Answer(find(root, '.answer', HTMLElement), (index) => this.#select(index));
    const paper = find(root, '.pad', HTMLElement);
    thePad = new Pad(paper, (strokes, ended) => this.#read(strokes, ended));
    mountImports(paper, thePad, (sentence) => {
      this.#note.textContent = sentence;
    });
  }

  /** @param {{description: string, weights: string}} urls */
  async load({ description, weights }) {
    try {
      const network = await loadNetwork(description, weights);
      network.run(new Uint8Array(MODEL.IMAGE_SIZE * MODEL.IMAGE_SIZE)); // the first run compiles; better now than in the first stroke
      this.#network = network;
    } catch (error) {
      this.#note.textContent = `No answers: ${error instanceof Error ? error.message : error}`;
      throw error;
    }
    this.#tell(null);
    if (this.#strokes.length) this.#read(this.#strokes, true);
  }

  /** @param {Stroke[]} strokes @param {boolean} ended */
  #read(strokes, ended) {
    this.#strokes = strokes;
    this.#drawingNumber += 1;
    this.#note.textContent = '';
    if (!this.#network) return;
    if (holdsPhotograph(strokes) && !ended) return; // takes longer than a frame
    const start = performance.now();
    this.#digits = readDigits(this.#network, strokes);
    const milliseconds = performance.now() - start;
    const last = Math.max(0, this.#digits.length - 1);
    this.#answer.show(this.#digits, last, ended);
    this.#showBoxes(last);
    if (!ended) return;
    this.#tell(this.#digits[last] ?? null);
    if (this.#digits.length) {
      // a clock that a browser has made coarse may stand still meanwhile
      const time = milliseconds > 0 ? ` in ${Math.max(1, Math.round(milliseconds))} ms` : '';
      this.#note.textContent = `Read in your browser${time}.`;
      this.#askForCheck();
    } else if (strokes.length) {
      this.#note.textContent = 'No handwriting was found in this picture. Try more light, or move closer to the digit.';
    }
  }

  /** @param {number} index of a digit */
  #select(index) {
    this.#answer.show(this.#digits, index, true);
    this.#showBoxes(index);
    this.#tell(this.#digits[index]);
  }

  /** Where the digits are, when there are several or they come from a photograph. @param {number} selected */
  #showBoxes(selected) {
    const boxed = this.#digits.length > 1 || holdsPhotograph(this.#strokes) ? this.#digits : [];
    const signs = signsOf(boxed);
    keepChildren(this.#boxes, boxed.length, () => {
      const mark = make('span');
      mark.append(make('b'));
      return mark;
    });
    const margin = BOX_MARGIN + brushMargin(this.#strokes);
    boxed.forEach((digit, i) => {
      const mark = /** @type {HTMLElement} */ (this.#boxes.children[i]);
      const box = grown(digit.box, margin);
      placeAt(mark, box);
      find(mark, 'b', HTMLElement).textContent = signs[i];
      mark.className = stateOf(digit);
      mark.classList.toggle('chosen', boxed.length > 1 && i === selected);
      mark.classList.toggle('at-top', box.top < LABEL_HEIGHT);
    });
  }

  /** @param {Digit | null} digit the selected one */
  #tell(digit) {
    if (!this.#network) return;
    latest = { network: this.#network, strokes: this.#strokes, digit };
    for (const listener of listeners) listener(latest);
  }

  /** A picture is not sent anywhere; a drawing is, where a server checks it, unless it has more points than the server reads. */
  #askForCheck() {
    if (!this.#check || this.#strokes.some(({ sheet }) => sheet)) return;
    const points = this.#strokes.reduce((sum, stroke) => sum + stroke.points.length, 0);
    if (points > STROKES.MAX_POINTS || this.#strokes.length > STROKES.MAX_STROKES) return;
    const asked = this.#drawingNumber;
    this.#check({
      strokes: pathsOf(this.#strokes).map((path) => path.map(({ x, y }) => [x, y])),
      seen: this.#digits.map(({ seen }) => Array.from(seen)),
      number: numberOf(this.#digits),
    })
      .catch(() => undefined)
      .then((sentence) => {
        if (sentence && asked === this.#drawingNumber) this.#note.textContent += ` ${sentence}`;
      });
  }
}
