/**
 * The answer beside the pad.
 * In:  the digits that were read, and which of them is selected.
 * Out: the digit or the whole number in large type; ten bars in the fixed order 0–9 and the image the network saw, of the
 *      selected digit; one button per digit when there are several.
 */

import { digitOf } from '../engine/cnn.js';
import { MODEL } from '../engine/constants.js';
import { paintLevels } from './canvas.js';
import { find, keepChildren, make, makeButton } from './dom.js';
import { barPercent, percent } from './format.js';
import { certaintyOf, closestOf, signsOf, spokenNumber, stateOf } from './words.js';

/** @typedef {import('./read.js').Digit} Digit */

const { IMAGE_SIZE } = MODEL;
const BLANK = new Uint8Array(IMAGE_SIZE * IMAGE_SIZE);

/** A number with more digits than this takes the whole width. */
const LONG = 4;

export class Answer {
  #root;
  #large;
  #certainty;
  #closest;
  #spoken;
  #seen;
  #chips;
  #bars;

  /**
   * @param {HTMLElement} root holds what `answer.html` has
   * @param {(index: number) => void} onChoose the visitor selects another digit
   */
  constructor(root, onChoose) {
    this.#root = root;
    this.#large = find(root, '.answer-digit', HTMLElement);
    this.#certainty = find(root, '.answer-probability', HTMLElement);
    this.#closest = find(root, '.answer-closest', HTMLElement);
    this.#spoken = find(root, '.answer-spoken', HTMLElement);
    this.#seen = find(root, '.answer-seen canvas', HTMLCanvasElement);
    this.#chips = find(root, '.answer-chips', HTMLElement);
    this.#bars = [...root.querySelectorAll('.bar')].map((bar) => /** @type {HTMLElement} */ (bar));
    this.#chips.addEventListener('click', (event) => {
      const chip = /** @type {Element} */ (event.target).closest('button');
      if (chip) onChoose([...this.#chips.children].indexOf(chip));
    });
    this.show([], 0, false);
  }

  /**
   * @param {Digit[]} digits from left to right; empty for an empty pad
   * @param {number} selected index of one of them
   * @param {boolean} ended the stroke has ended, so a screen reader is told
   * @param {{dots?: number[], photograph?: boolean, turned?: number | null}} [more] how many digits stand to the left of each dot;
   *   whether the digits are from a photograph: what is not a digit in it is left out of the number; what the selected one, which
   *   does not look like a digit, surely is when it is mirrored or turned
   */
  show(digits, selected, ended, { dots = [], photograph = false, turned = null } = {}) {
    const digit = digits.length ? digits[selected] : null;
    const written = photograph ? digits.filter((each) => stateOf(each) !== 'refused') : digits;
    this.#showNumber(written.length ? written : digits.slice(0, 1), dots);
    this.#showWords(digits, digit, turned);
    if (ended) this.#speak(written, digit);
    this.#showChips(digits, selected);
    this.#showBars(digit);
    paintLevels(this.#seen, digit?.seen ?? BLANK, IMAGE_SIZE);
  }

  /** @param {Digit[]} digits @param {Digit | null} digit the selected one @param {number | null} turned */
  #showWords(digits, digit, turned) {
    const several = digits.length > 1;
    this.#root.classList.toggle('answer-empty', digit === null);
    const certainty = digit ? certaintyOf(digit) : 'Draw a digit';
    this.#certainty.textContent = several && digit ? `${signsOf(digits)[digits.indexOf(digit)]}: ${certainty}` : certainty;
    this.#closest.textContent = digit && stateOf(digit) === 'refused' ? closestOf(digit, turned) : '';
  }

  /** To a screen reader. @param {Digit[]} written the digits of the number @param {Digit | null} digit the selected one */
  #speak(written, digit) {
    const said = [spokenNumber(written), this.#certainty.textContent, this.#closest.textContent];
    this.#spoken.textContent = digit ? said.filter(Boolean).join(', ') : 'The pad is empty';
  }

  /** The whole number line by line, each digit as sure as it is. @param {Digit[]} digits @param {number[]} dots */
  #showNumber(digits, dots) {
    const lengths = new Map();
    for (const { line } of digits) lengths.set(line, (lengths.get(line) ?? 0) + 1);
    const longest = Math.max(1, ...lengths.values());
    this.#root.classList.toggle('answer-long', longest > LONG || lengths.size > 1);
    this.#large.style.setProperty('--digits', String(longest));
    this.#large.style.setProperty('--lines', String(Math.max(1, lengths.size)));
    const signs = digits.length ? signsOf(digits) : ['?'];
    keepChildren(this.#large, signs.length, () => make('span'));
    signs.forEach((sign, i) => {
      const place = /** @type {HTMLElement} */ (this.#large.children[i]);
      place.textContent = sign;
      place.className = digits.length ? stateOf(digits[i]) : '';
      place.dataset.before = dots.includes(i) ? '.' : '';
      place.classList.toggle('line-start', i > 0 && digits[i].line !== digits[i - 1].line);
    });
  }

  /** @param {Digit[]} digits @param {number} selected */
  #showChips(digits, selected) {
    keepChildren(this.#chips, digits.length > 1 ? digits.length : 0, makeButton);
    [...this.#chips.children].forEach((chip, i) => {
      chip.textContent = signsOf(digits)[i];
      chip.className = stateOf(digits[i]);
      chip.setAttribute('aria-label', `Digit ${i + 1}: ${chip.textContent}, ${certaintyOf(digits[i])}`);
      chip.setAttribute('aria-pressed', String(i === selected));
    });
  }

  /** @param {Digit | null} digit */
  #showBars(digit) {
    const refused = digit !== null && stateOf(digit) === 'refused';
    const top = digit && !refused ? digitOf(digit.result) : null;
    this.#bars.forEach((bar, i) => {
      const probability = digit ? digit.judgement.probabilities[i] : 0;
      bar.style.setProperty('--share', String(probability));
      bar.classList.toggle('bar-top', i === top);
      find(bar, '.bar-value', HTMLElement).textContent = refused ? '' : barPercent(probability);
      bar.setAttribute('aria-label', refused ? `${i}: not rated, this doesn’t look like a digit` : `${i}: ${percent(probability)}`);
    });
  }
}
