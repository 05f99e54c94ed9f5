/**
 * Which ink is evidence for which digit.
 * In:  readings that have ended; the digit to compare with.
 * Out: two maps over the drawing, words.
 */

import { MODEL } from '../engine/constants.js';
import { contrast, saliency, scoresOf } from '../engine/gradients.js';
import { find, makeButton } from '../pad/dom.js';
import { fixed } from '../pad/format.js';
import { paintGlow, paintMaps } from './colours.js';
import { Rival } from './rival.js';

/** @typedef {import('./inside.js').Answered} Answered */

const { IMAGE_SIZE, CLASSES } = MODEL;

export class Why {
  /** @type {Answered | null} */
  #reading = null;

  #rival;
  #buttons;
  #saliency;
  #contrast;

  /** @param {HTMLElement} root the section of `inside.html` @param {Rival} rival */
  constructor(root, rival) {
    this.root = root;
    this.#rival = rival;
    this.#saliency = find(root, '.why-saliency', HTMLCanvasElement);
    this.#contrast = find(root, '.why-contrast', HTMLCanvasElement);
    this.#buttons = Array.from({ length: CLASSES }, (_, digit) => {
      const button = makeButton(String(digit));
      button.addEventListener('click', () => rival.choose(digit));
      return button;
    });
    find(root, '.why-others', HTMLElement).append(...this.#buttons);
    rival.onChoice(() => {
      if (this.#reading) this.#showContrast(this.#reading);
    });
  }

  /** @param {Answered} reading */
  show(reading) {
    this.#reading = reading;
    const { top } = this.#rival.pair(scoresOf(reading.digit.result));
    this.#showSaliency(reading, top);
    this.#showContrast(reading);
  }

  /** @param {Answered} reading @param {number} top */
  #showSaliency({ network, digit }, top) {
    paintGlow(this.#saliency, saliency(network, digit.result, top), digit.seen);
    describe(
      this.#saliency,
      `<b>What matters</b> Where it glows, more or less ink would change the score of ${top} most (saliency)`,
      `Pixels that influence the score of ${top} most, over the digit`,
    );
  }

  /** @param {Answered} reading */
  #showContrast({ network, digit }) {
    const pair = this.#rival.pair(scoresOf(digit.result));
    const { top, other } = pair;
    Rival.mark(this.#buttons, pair);
    const evidence = contrast(network, digit.seen, top, other);
    paintMaps(this.#contrast, evidence, IMAGE_SIZE, 1);
    const [forTop, forOther] = [1, -1].map((sign) => fixed(evidence.reduce((sum, value) => sum + Math.max(0, sign * value), 0)));
    describe(
      this.#contrast,
      `<b>Why ${top} and not ${other}</b> <i class="pro">Orange</i> ink makes it ${article(top)} ${top} (${forTop} points of score), ` +
        `<i class="contra">blue</i> ink ${article(other)} ${other} (${forOther} points)`,
      `Ink that is evidence for ${top}: ${forTop} points of score; for ${other}: ${forOther} points`,
    );
  }
}

/** @param {number} digit */
const article = (digit) => (digit === 8 ? 'an' : 'a');

/** @param {HTMLCanvasElement} canvas of a figure @param {string} caption HTML @param {string} label for a screen reader */
function describe(canvas, caption, label) {
  /** @type {Element} */ (canvas.nextElementSibling).innerHTML = caption;
  canvas.setAttribute('aria-label', label);
}
