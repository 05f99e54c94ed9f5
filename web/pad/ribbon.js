/**
 * What the network thought on the way: a ribbon under the pad, from the first point of the drawing to the last.
 * In:  every reading of the drawing while it grows.
 * Out: parts of the ribbon, one for each change of mind; the drawing as it was, when a visitor scrubs through them.
 */

import { find, keepChildren, make } from './dom.js';
import { signsOf, stateOf } from './words.js';

/** @typedef {import('./read.js').Digit} Digit */
/** @typedef {import('./strokes.js').Stroke} Stroke */
/**
 * @typedef {object} Moment
 * @property {Stroke[]} strokes
 * @property {number} points of the last stroke, which may have grown since
 * @property {string} number
 * @property {string} state a class of `page.css`
 */

/** More moments than a drawing has in practice; the ribbon then stays as it is until the pad is cleared. */
const MAX_MOMENTS = 5000;

/** A part that has less than this share of the ribbon for each of its digits has no room for them. */
const NARROW = 0.04;

export class Ribbon {
  /** @type {Moment[]} */
  #moments = [];
  #root;
  #parts;
  #slider;
  #onScrub;

  /**
   * @param {HTMLElement} root holds the ribbon of `pad.html`
   * @param {(strokes: Stroke[] | null) => void} onScrub the drawing as it was; null: as it is
   */
  constructor(root, onScrub) {
    this.#root = root;
    this.#parts = find(root, '.ribbon-parts', HTMLElement);
    this.#slider = find(root, 'input', HTMLInputElement);
    this.#onScrub = onScrub;
    this.#slider.addEventListener('input', () => this.#scrub());
  }

  /** The drawing has changed. @param {Stroke[]} strokes @param {Digit[]} digits */
  add(strokes, digits) {
    if (digits.length === 0) this.#moments = [];
    else if (this.#moments.length < MAX_MOMENTS) this.#moments.push(momentOf(strokes, digits));
    const last = Math.max(0, this.#moments.length - 1);
    this.#slider.max = this.#slider.value = String(last);
    this.#slider.disabled = last === 0;
    this.#root.classList.toggle('ribbon-empty', last === 0);
    this.#describe();
    this.#showParts();
  }

  #scrub() {
    const at = Number(this.#slider.value);
    this.#describe();
    this.#onScrub(at === this.#moments.length - 1 ? null : strokesAt(this.#moments[at]));
  }

  #describe() {
    const moment = this.#moments[Number(this.#slider.value)];
    this.#slider.setAttribute('aria-valuetext', moment ? moment.number : 'nothing yet');
  }

  #showParts() {
    /** @type {{number: string, state: string, count: number}[]} */
    const parts = [];
    for (const { number, state } of this.#moments) {
      const last = parts[parts.length - 1];
      if (last && last.number === number && last.state === state) last.count += 1;
      else parts.push({ number, state, count: 1 });
    }
    keepChildren(this.#parts, parts.length, () => make('span'));
    parts.forEach(({ number, state, count }, i) => {
      const part = /** @type {HTMLElement} */ (this.#parts.children[i]);
      part.style.flexGrow = String(count);
      if (part.textContent !== number) part.textContent = number;
      const kind = count < NARROW * number.length * this.#moments.length ? `${state} narrow` : state;
      if (part.className !== kind) part.className = kind;
    });
  }
}

/** @param {Stroke[]} strokes @param {Digit[]} digits @returns {Moment} */
function momentOf(strokes, digits) {
  const state = digits.map(stateOf).find((each) => each !== 'sure') ?? 'sure';
  return { strokes, points: strokes[strokes.length - 1]?.points.length ?? 0, number: signsOf(digits).join(''), state };
}

/** @param {Moment} moment */
function strokesAt({ strokes, points }) {
  return strokes.map((stroke, i) => (i === strokes.length - 1 ? { ...stroke, points: stroke.points.slice(0, points) } : stroke));
}
