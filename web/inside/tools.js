/**
 * What was read, which digit is looked into, and a button that writes the drawing again.
 * In:  readings that have ended.
 * Out: a sentence, the digit in a heading, one button per digit, moves of the pad's pen.
 */

import { digitOf } from '../engine/cnn.js';
import { currentPad, networkNote, selectDigit } from '../pad/demo.js';
import { find, keepChildren, makeButton } from '../pad/dom.js';
import { wantsLessMotion } from '../pad/pad.js';
import { certaintyOf, closestOf, signsOf, stateOf } from '../pad/words.js';
import { EXAMPLE } from './example.js';

/** @typedef {import('./inside.js').Answered} Answered */

/** Points per second of a hand that writes, about as many as a screen shows frames. */
const POINTS_PER_SECOND = 60;
/** Of the speed of the hand. */
const SPEED = 0.5;
/** The shortest and the longest time that writing takes, in milliseconds. */
const TIMES = [1_200, 6_000];

export class Tools {
  /** @type {Answered | null} */
  #reading = null;

  #verdict;
  #answer;
  #digits;
  #play;

  /** @param {HTMLElement} root holds what `inside.html` has */
  constructor(root) {
    this.#verdict = find(root, '.inside-verdict', HTMLElement);
    this.#answer = find(root, '.why-digit', HTMLElement);
    this.#digits = find(root, '.inside-digits', HTMLElement);
    this.#play = find(root, '.inside-play', HTMLButtonElement);
    this.#play.addEventListener('click', () => this.#writeAgain());
    this.#digits.addEventListener('click', (event) => {
      const button = /** @type {Element} */ (event.target).closest('button');
      if (button) selectDigit([...this.#digits.children].indexOf(button));
    });
  }

  /** @param {Answered} reading */
  show(reading) {
    this.#reading = reading;
    this.#verdict.textContent = `${verdictOf(reading)} ${networkNote()}`.trim();
    this.#answer.textContent = String(digitOf(reading.digit.result));
    const { digits, digit, strokes } = reading;
    keepChildren(this.#digits, digits.length > 1 ? digits.length : 0, makeButton);
    const signs = signsOf(digits);
    [...this.#digits.children].forEach((button, i) => {
      button.textContent = signs[i];
      button.setAttribute('aria-label', `Digit ${i + 1}: ${button.textContent}`);
      button.setAttribute('aria-pressed', String(digits[i] === digit));
    });
    this.#play.disabled = strokes.some(({ sheet }) => sheet);
    this.#play.title = this.#play.disabled ? 'Only what was drawn with a pen can be written again' : '';
  }

  #writeAgain() {
    const pad = currentPad();
    if (!pad || !this.#reading) return;
    const { strokes, example } = this.#reading;
    const points = strokes.reduce((sum, stroke) => sum + stroke.points.length, 0);
    const milliseconds = Math.min(TIMES[1], Math.max(TIMES[0], (1000 * points) / POINTS_PER_SECOND / SPEED));
    if (example) pad.write(EXAMPLE, milliseconds);
    else pad.replay(milliseconds);
    if (wantsLessMotion()) this.#verdict.textContent += ' Your system asks for less motion, so it is shown as a whole.';
  }
}

/** @param {Answered} reading */
function verdictOf({ example, digits, digit }) {
  if (example) return 'The pad is empty, so this is an example. Draw your own above.';
  const number = digits.length > 1 ? `The pad holds ${digits.length} digits: choose one. ` : '';
  const state = stateOf(digit);
  const words = certaintyOf(digit);
  if (state === 'refused') return `${number}${words}. ${closestOf(digit)}.`;
  if (state === 'doubtful') return `${number}${words} Shown is how it comes to ${digitOf(digit.result)}.`;
  return `${number}Read as ${digitOf(digit.result)}: ${words[0].toLowerCase()}${words.slice(1)}.`;
}
