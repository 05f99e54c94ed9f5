/**
 * Pad, network and answer together: every frame of a stroke is read here, in the visitor's browser.
 * In:  an element that holds what `pad.html` and `answer.html` have, and where the exported network lies.
 * Out: the answer, on the page; every drawing that has ended, to a server that checks it, if there is one.
 */

import { crc32, loadNetwork, networkOf } from '../engine/cnn.js';
import { MODEL, STROKES } from '../engine/constants.js';
import { wrongWayRound } from '../engine/orientation.js';
import { numberOf } from '../engine/predict.js';
import { keep, link, mountAddress } from './address.js';
import { Answer } from './answer.js';
import { showBoxes } from './boxes.js';
import { find } from './dom.js';
import { dotsBetween } from './dots.js';
import { decodeStrokes, encodeStrokes } from './fragment.js';
import { mountImports, putSheet, sheetOf } from './imports.js';
import { Pad } from './pad.js';
import { pathsOf, readDigits, readPhotograph } from './read.js';
import { Reader } from './reader.js';
import { Ribbon } from './ribbon.js';
import { mountShare } from './share.js';
import { holdsPhotograph, holdsPicture } from './strokes.js';
import { stateOf } from './words.js';

/** @typedef {import('../engine/cnn.js').Network} Network */
/** @typedef {import('./read.js').Digit} Digit */
/** @typedef {import('./strokes.js').Stroke} Stroke */
/**
 * @typedef {object} Reading
 * @property {Network} network
 * @property {Stroke[]} strokes what is on the pad
 * @property {Digit[]} digits all that were read, from left to right
 * @property {Digit | null} digit the selected one; null on an empty pad
 * @property {boolean} ended whether the stroke has ended; otherwise the pen is still moving
 */
/** @typedef {{strokes: number[][][], seen: number[][], number: string}} Drawing  points are [x, y] in 0…1; seen: one image per digit */
/** @typedef {(drawing: Drawing) => Promise<string | undefined>} Check */
/** @typedef {{description: import('../engine/cnn.js').Description, weights: Float32Array, note: string}} Other  note: a sentence */

/** @type {((reading: Reading) => void)[]} */
const listeners = [];
/** @type {Reading | undefined} */
let latest;
/** @type {Pad | undefined} */
let thePad;
/** @type {Demo | undefined} */
let theDemo;

/** Call `listener` for every reading, also while the pen moves, and at once for the latest. @param {(reading: Reading) => void} listener */
export function onReading(listener) {
  listeners.push(listener);
  if (latest) listener(latest);
}

/** The pad, for another place to draw on it; there is one as soon as there is a reading. */
export const currentPad = () => thePad;

/** Select one of several digits. @param {number} index */
export function selectDigit(index) {
  theDemo?.select(index);
}

/**
 * Read with another network from now on, and say so beside every answer; null: with the page's own again.
 * @param {Other | null} other
 */
export function useNetwork(other) {
  theDemo?.use(other);
}

/** The page's own network, whichever the page uses now; there is one as soon as there is a reading. */
export const ownNetwork = () => theDemo?.own ?? null;

/** What is said of the network that reads, where it is not the page's own; else nothing. */
export const networkNote = () => theDemo?.note ?? '';

/** Show a digit of MNIST on the pad. @param {Uint8Array} levels 784, bright ink on 0 @param {string} caption what it is */
export function putOnPad(levels, caption) {
  if (!thePad) return;
  putSheet(thePad, sheetOf(levels));
  thePad.showMessage(caption);
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
  /** @type {Network | null} the page's own */
  own = null;
  /** @type {Network | null} that reads */
  #network = null;
  /** What is said of a network that is not the page's own. */
  #otherNote = '';
  #ownUrls = { description: '', weights: '' };
  /** @type {Stroke[]} what is on the pad */
  #strokes = [];
  /** @type {Stroke[]} what was read: the same, or a beginning of it while a visitor looks back */
  #shown = [];
  /** @type {Digit[]} what was read from it */
  #digits = [];
  /** Index of the selected digit. */
  #selected = 0;
  /** @type {number | null} the digit that a link selects, until its drawing has been read */
  #wanted = null;
  /** Of the drawing on the pad; a late answer about an earlier one is dropped. */
  #drawingNumber = 0;
  #reader = new Reader();

  #answer;
  #boxes;
  #note;
  #check;
  #pad;
  #ribbon;

  /** The pad can be used at once; what is drawn before the network has loaded is read as soon as it has. @param {HTMLElement} root @param {Check} [check] */
  constructor(root, check) {
    theDemo = this;
    this.#check = check;
    this.#boxes = find(root, '.pad-boxes', HTMLElement);
    this.#note = find(root, '.answer-how', HTMLElement);
    this.#answer = new Answer(find(root, '.answer', HTMLElement), (index) => this.select(index));
    const paper = find(root, '.pad', HTMLElement);
    this.#boxes.addEventListener('click', (event) => {
      const mark = /** @type {Element} */ (event.target).closest('.pad-boxes > *');
      if (mark) this.select([...this.#boxes.children].indexOf(mark));
    });
    this.#pad = thePad = new Pad(paper, (strokes, ended) => this.#read(strokes, ended));
    this.#ribbon = new Ribbon(find(paper, '.pad-ribbon', HTMLElement), (strokes) => this.#lookBack(strokes));
    mountImports(paper, this.#pad, this.#reader, (sentence) => this.#pad.showMessage(sentence));
    mountShare(root, () => {
      const strokes = this.#shown;
      const part = holdsPicture(strokes) ? {} : { draw: encodeStrokes(strokes) };
      return { strokes, digits: this.#digits, selected: this.#selected, link: link(part) };
    });
    mountAddress((shared) => this.#restore(shared));
  }

  /** @param {{description: string, weights: string}} urls */
  async load({ description, weights }) {
    this.#ownUrls = { description, weights };
    this.#reader.useNetwork({ description, weights });
    try {
      const network = await loadNetwork(description, weights);
      network.run(new Uint8Array(MODEL.IMAGE_SIZE * MODEL.IMAGE_SIZE)); // the first run compiles; better now than in the first stroke
      this.own = this.#network = network;
    } catch (error) {
      this.#note.textContent = `No answers: ${error instanceof Error ? error.message : error}`;
      throw error;
    }
    this.#tell(null, true);
    if (this.#strokes.length) this.#read(this.#strokes, true);
  }

  get note() {
    return this.#otherNote;
  }

  /** @param {Other | null} other */
  use(other) {
    if (!this.own) return;
    this.#otherNote = other?.note ?? '';
    this.#network = other ? networkOf(other.description, other.weights) : this.own;
    this.#reader.useNetwork(other ? urlsOf(other) : this.#ownUrls);
    this.#pad.lookBack(null);
    this.#read(this.#strokes, true);
    if (!this.#strokes.length) this.#tell(null, true);
  }

  /** @param {Stroke[]} strokes @param {boolean} ended */
  #read(strokes, ended) {
    this.#strokes = this.#shown = strokes;
    this.#drawingNumber += 1;
    this.#note.textContent = '';
    this.#note.style.visibility = '';
    this.#pad.showMessage('');
    this.#reader.stop();
    if (!this.#network) return;
    const start = performance.now();
    if (holdsPhotograph(strokes)) {
      if (ended) this.#readPhotograph(strokes, start);
      return;
    }
    this.#digits = readDigits(this.#network, strokes, ended);
    this.#hasRead(strokes, ended, performance.now() - start);
  }

  /** It takes longer than a frame, and is read beside the page. @param {Stroke[]} strokes @param {number} start in milliseconds */
  async #readPhotograph(strokes, start) {
    if (!this.#network) return;
    this.#digits = [];
    this.#show(null, false);
    this.#note.textContent = 'Reading the picture …';
    const asked = this.#drawingNumber;
    const digits = await readPhotograph(this.#network, this.#reader, strokes);
    if (digits === null || asked !== this.#drawingNumber) return;
    this.#note.textContent = '';
    this.#digits = digits;
    this.#hasRead(strokes, true, performance.now() - start);
  }

  /** @param {Stroke[]} strokes @param {boolean} ended @param {number} milliseconds that it took */
  #hasRead(strokes, ended, milliseconds) {
    this.#show(this.#wanted, ended);
    this.#ribbon.add(strokes, holdsPhotograph(strokes) ? [] : this.#digits); // reading one again takes too long to scrub through
    this.#tell(this.#digits[this.#selected] ?? null, ended);
    if (!ended) return;
    this.#wanted = null;
    keep({ draw: holdsPicture(strokes) ? '' : encodeStrokes(strokes) }, holdsPicture(strokes));
    if (this.#digits.length) {
      // a clock that a browser has made coarse may stand still meanwhile
      const time = milliseconds > 0 ? ` in ${Math.max(1, Math.round(milliseconds))} ms` : '';
      const none = numberOf(this.#digits) === '' && holdsPhotograph(strokes) ? 'No digit was found in this picture. ' : '';
      this.#note.textContent = `${none}Read in your browser${time}. ${this.#otherNote}`.trim();
      if (!this.#otherNote) this.#askForCheck(); // the server has the page's own network only
    } else if (strokes.length) {
      this.#pad.showMessage('No digit was found in this picture. Try more light, or move closer to the digits.');
    }
  }

  /** Read the drawing as it was on the way. @param {Stroke[] | null} past null: as it is */
  #lookBack(past) {
    if (!this.#network) return;
    this.#pad.lookBack(past);
    this.#pad.showMessage('');
    this.#note.style.visibility = past ? 'hidden' : ''; // it speaks of the whole drawing
    this.#shown = past ?? this.#strokes;
    this.#digits = readDigits(this.#network, this.#shown, true);
    this.#show(null, past === null);
    this.#tell(this.#digits[this.#selected] ?? null, true);
  }

  /** @param {number} index of a digit */
  select(index) {
    this.#show(index, true);
    this.#tell(this.#digits[index], true);
  }

  /** @param {number | null} index of the digit to select; null: the last @param {boolean} ended */
  #show(index, ended) {
    const last = Math.max(0, this.#digits.length - 1);
    this.#selected = index === null ? last : Math.min(index, last);
    const photograph = holdsPhotograph(this.#shown);
    const dots = photograph ? [] : dotsBetween(this.#shown, this.#digits);
    const turned = ended ? this.#turned(this.#digits[this.#selected]) : null;
    this.#answer.show(this.#digits, this.#selected, ended, { dots, photograph, turned });
    if (dots.length) this.#pad.showMessage('The network knows digits only: the dot is not read.');
    showBoxes(this.#boxes, this.#shown, this.#digits, this.#selected);
    keep({ digit: this.#selected === last ? null : this.#selected });
  }

  /** The digit that a drawing surely is when it is mirrored or turned, if it does not look like one as it is. @param {Digit} [digit] */
  #turned(digit) {
    if (!this.#network || !digit || stateOf(digit) !== 'refused') return null;
    return wrongWayRound(this.#network, digit.seen)?.digit ?? null;
  }

  /** What a link holds. @param {import('./fragment.js').Shared} shared */
  #restore({ draw, digit }) {
    this.#wanted = digit;
    if (draw === '') {
      this.#pad.clear();
      return;
    }
    const strokes = decodeStrokes(draw);
    if (strokes) this.#pad.put(strokes);
    else this.#pad.showMessage('The drawing in this link is damaged, so it is not on the pad. Ask for the link again, or draw here.');
  }

  /** @param {Digit | null} digit the selected one @param {boolean} ended */
  #tell(digit, ended) {
    if (!this.#network) return;
    latest = { network: this.#network, strokes: this.#shown, digits: this.#digits, digit, ended };
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

/** The network as data URLs, for a worker. @param {Other} other */
function urlsOf({ description, weights }) {
  const bytes = new Uint8Array(Float32Array.from(weights).buffer); // little-endian on every processor that runs a browser
  const found = { ...description, crc32: crc32(bytes) };
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return {
    description: `data:application/json,${encodeURIComponent(JSON.stringify(found))}`,
    weights: `data:application/octet-stream;base64,${base64}`,
  };
}
