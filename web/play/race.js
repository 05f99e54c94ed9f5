/**
 * 0 to 9 against the clock.
 * In:  readings with the time at which they came, in milliseconds.
 * Out: the digit that is asked for, the time. No document is needed: it runs in Node too.
 */

import { digitOf } from '../engine/cnn.js';
import { MODEL } from '../engine/constants.js';
import { stateOf } from '../pad/words.js';

/** @typedef {import('../pad/read.js').Digit} Digit */

/** Digits that many people write with two strokes, of which the first alone may be read already. */
const TWO_STROKES = [1, 4, 5, 7];
/** Milliseconds that they wait for the second. */
const PATIENCE = 400;

export class Race {
  /** The digit that is asked for. */
  asked = 0;
  /** @type {(Uint8Array | null)[]} what the network saw of each digit; null: skipped */
  seen = [];
  /** @type {number | null} */
  #start = null;
  /** @type {number | null} */
  #end = null;

  get isRunning() {
    return this.#start !== null && !this.isOver;
  }

  get isOver() {
    return this.seen.length === MODEL.CLASSES;
  }

  get skipped() {
    return this.seen.filter((each) => each === null).length;
  }

  /** With the first ink. @param {number} now */
  begin(now) {
    this.#start ??= now;
  }

  /** In milliseconds since the first ink; of a race that is over, until the last stroke had ended. @param {number} now */
  time(now) {
    return this.#start === null ? 0 : (this.#end ?? now) - this.#start;
  }

  /** Whether a drawing is the digit that is asked for, alone and without a doubt. @param {Digit[]} digits */
  isRight(digits) {
    return digits.length === 1 && stateOf(digits[0]) === 'sure' && digitOf(digits[0].result) === this.asked;
  }

  /** Milliseconds in which a further stroke may follow. */
  get patience() {
    return TWO_STROKES.includes(this.asked) ? PATIENCE : 0;
  }

  /** On to the next digit. @param {Uint8Array | null} seen null: this one is skipped @param {number} ended when its last stroke had ended */
  next(seen, ended) {
    this.seen.push(seen);
    this.asked += 1;
    if (this.isOver) this.#end = ended;
  }
}

/** @param {number} milliseconds */
export const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)}\u00a0s`;
