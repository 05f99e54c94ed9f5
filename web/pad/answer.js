/**
 * The answer beside the pad.
 * In:  the digits that were read, and which of them is selected.
 * Out: the digit or the whole number in large type; ten bars in the fixed order 0–9 and the image the network saw, of the
 *      selected digit; one button per digit when there are several.
 */

import { digitOf } from '../engine/cnn.js';
import { CONFIDENCE, MODEL } from '../engine/constants.js';
import { numberOf } from '../engine/predict.js';
import { paintLevels } from './canvas.js';
import { find, keepChildren, makeButton } from './dom.js';
import { percent } from './format.js';

/** @typedef {import('./read.js').Digit} Digit */

const { IMAGE_SIZE } = MODEL;
const BLANK = new Uint8Array(IMAGE_SIZE * IMAGE_SIZE);

/** How sure the network is, in words. @param {Digit} digit */
function certainty({ result, judgement: { verdict, candidates, probabilities } }) {
  if (verdict === CONFIDENCE.UNSURE) return `Unsure: ${candidates[0]} or ${candidates[1]}?`;
  if (verdict === CONFIDENCE.NOT_A_DIGIT) return 'Does not look like a digit';
  return percent(probabilities[digitOf(result)]);
}

export class Answer {
  #root;
  #large;
  #certainty;
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
   */
  show(digits, selected, ended) {
    const digit = digits.length ? digits[selected] : null;
    this.#showWords(digits, digit, ended);
    this.#showChips(digits, selected);
    this.#showBars(digit);
    paintLevels(this.#seen, digit?.seen ?? BLANK, IMAGE_SIZE);
  }

  /** @param {Digit[]} digits @param {Digit | null} digit @param {boolean} ended */
  #showWords(digits, digit, ended) {
    const several = digits.length > 1;
    this.#root.classList.toggle('answer-empty', digit === null);
    this.#root.classList.toggle('answer-doubtful', !several && digit !== null && digit.judgement.verdict !== CONFIDENCE.DIGIT);
    this.#large.textContent = digit ? numberOf(digits) : '?';
    this.#large.style.setProperty('--digits', String(Math.max(1, digits.length)));
    this.#certainty.textContent = digit ? `${several ? `${numberOf([digit])}: ` : ''}${certainty(digit)}` : 'Draw a digit';
    if (ended) this.#spoken.textContent = digit ? `${numberOf(digits)}, ${this.#certainty.textContent}` : 'The pad is empty';
  }

  /** @param {Digit[]} digits @param {number} selected */
  #showChips(digits, selected) {
    keepChildren(this.#chips, digits.length > 1 ? digits.length : 0, makeButton);
    [...this.#chips.children].forEach((chip, i) => {
      chip.textContent = numberOf([digits[i]]);
      chip.setAttribute('aria-label', `Digit ${i + 1}: ${chip.textContent}, ${certainty(digits[i])}`);
      chip.setAttribute('aria-pressed', String(i === selected));
    });
  }

  /** @param {Digit | null} digit */
  #showBars(digit) {
    const top = digit && digitOf(digit.result);
    this.#bars.forEach((bar, i) => {
      const probability = digit ? digit.judgement.probabilities[i] : 0;
      bar.style.setProperty('--share', String(probability));
      bar.classList.toggle('bar-top', i === top);
      find(bar, '.bar-value', HTMLElement).textContent = probability >= 0.005 ? String(Math.round(100 * probability)) : '';
      bar.setAttribute('aria-label', `${i}: ${percent(probability)}`);
    });
  }
}
