/**
 * The digit that the answer is compared with: the second likeliest, unless the visitor chooses another.
 * In:  scores; choices.
 * Out: two digits; a call for every choice.
 */

import { argmax } from '../engine/ndimage.js';

export class Rival {
  /** @type {number | null} */
  #chosen = null;
  /** @type {(() => void)[]} */
  #listeners = [];

  /** A new drawing is compared with its own second likeliest. @param {import('../pad/demo.js').Reading} reading */
  follow({ ended }) {
    if (!ended) this.#chosen = null;
  }

  /** @param {number} digit */
  choose(digit) {
    this.#chosen = digit;
    for (const listener of this.#listeners) listener();
  }

  /** @param {() => void} listener */
  onChoice(listener) {
    this.#listeners.push(listener);
  }

  /** @param {ArrayLike<number>} scores of the ten digits */
  pair(scores) {
    const top = argmax(Array.from(scores));
    const second = argmax(Array.from(scores, (score, i) => (i === top ? -Infinity : score)));
    return { top, other: this.#chosen === null || this.#chosen === top ? second : this.#chosen };
  }

  /** Buttons show the pair. @param {HTMLButtonElement[]} buttons one per digit @param {{top: number, other: number}} pair */
  static mark(buttons, { top, other }) {
    buttons.forEach((button, digit) => {
      button.disabled = digit === top;
      button.setAttribute('aria-pressed', String(digit === other));
    });
  }
}
