/**
 * Which ink is evidence for which digit.
 * In:  readings that have ended; the digit to compare with.
 * Out: two maps over the drawing, words.
 */

import { MODEL } from '../engine/constants.js';
import { contrast, saliency, scoresOf } from '../engine/gradients.js';
import { find, makeButton } from '../pad/dom.js';
import { withArticle } from '../pad/words.js';
import { paintGlow, paintMaps } from './colours.js';
import { addingUp } from './numbers.js';
import { Rival } from './rival.js';
import { signed } from './sums.js';

/** @typedef {import('./inside.js').Answered} Answered */

const { IMAGE_SIZE, CLASSES } = MODEL;
const DECIMALS = 2;

export class Why {
  /** @type {Answered | null} */
  #reading = null;

  /** Of the latest contrast. @type {ReturnType<typeof contrast> | null} */
  #steps = null;

  /** Once it has been opened. @type {import('./neighbours.js').Neighbours | null} */
  #near = null;

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
    const opener = find(root, '.why-near', HTMLButtonElement);
    opener.addEventListener('click', () => this.#openNear(opener, find(root, '.near', HTMLElement)));
    rival.onChoice(() => {
      if (this.#reading) void this.#showContrast(this.#reading);
    });
  }

  /** @param {Answered} reading @param {{printed?: boolean}} [occasion] printed: all of it at once */
  show(reading, { printed = false } = {}) {
    this.#reading = reading;
    const { top } = this.#rival.pair(scoresOf(reading.digit.result));
    this.#showSaliency(reading, top);
    void this.#showContrast(reading, printed);
    this.#near?.show(reading);
  }

  /** Its module and its data are loaded when it is opened. @param {HTMLElement} opener @param {HTMLElement} body */
  async #openNear(opener, body) {
    body.hidden = !body.hidden;
    opener.setAttribute('aria-expanded', String(!body.hidden));
    if (body.hidden || this.#near) return;
    try {
      body.textContent = 'Loading …';
      const { openNeighbours } = await import('./neighbours.js');
      this.#near = await openNeighbours(body);
      if (this.#reading) this.#near.show(this.#reading);
    } catch (error) {
      body.textContent = error instanceof Error ? error.message : String(error); // the next press tries again
    }
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

  /** Its steps take turns with the rest of the page. @param {Answered} reading @param {boolean} [atOnce] */
  async #showContrast({ network, digit }, atOnce = false) {
    const pair = this.#rival.pair(scoresOf(digit.result));
    const { top, other } = pair;
    Rival.mark(this.#buttons, pair);
    const steps = contrast(network, digit.seen, top, other);
    this.#steps = steps;
    let step = steps.next();
    while (!step.done) {
      if (!atOnce) await new Promise((go) => setTimeout(go));
      if (steps !== this.#steps) return; // another drawing or another digit is asked about
      step = steps.next();
    }
    const evidence = step.value;
    paintMaps(this.#contrast, evidence, IMAGE_SIZE, 1);
    const scores = scoresOf(digit.result);
    const { forTop, forOther, paper, total } = balance(evidence, printed(scores[top]) - printed(scores[other]));
    describe(
      this.#contrast,
      `<b>Why ${top} and not ${other}</b> <i class="pro">Orange</i> ink makes it ${withArticle(top)}: ${forTop} points. ` +
        `<i class="contra">Blue</i> ink makes it ${withArticle(other)}: ${forOther}. Empty paper has about ${paper}. ` +
        `Together ${total}: the score of ${top} minus that of ${other}`,
      `Ink that is evidence for ${top}: ${forTop} points of score; for ${other}: ${forOther}; empty paper: about ${paper}; together: ${total}`,
    );
  }
}

/**
 * What the ink adds to the difference of two scores, as numbers that add up. What is left over is mostly what an empty image has;
 * the rest of it, about 3 % of the difference, is the inexactness of the evidence.
 * @param {Float32Array} evidence @param {number} difference
 */
function balance(evidence, difference) {
  const [pro, contra] = [1, -1].map((sign) => evidence.reduce((sum, value) => sum + (sign * value > 0 ? value : 0), 0));
  const { terms, total } = addingUp([pro, contra, difference - pro - contra], difference, DECIMALS);
  const [forTop, forOther, paper] = terms.map(signed);
  return { forTop, forOther, paper, total: signed(total) };
}

/** A score as the page prints it, so that a reader who subtracts gets the printed difference. @param {number} score */
const printed = (score) => Number(score.toFixed(DECIMALS));

/** @param {HTMLCanvasElement} canvas of a figure @param {string} caption HTML @param {string} label for a screen reader */
function describe(canvas, caption, label) {
  /** @type {Element} */ (canvas.nextElementSibling).innerHTML = caption;
  canvas.setAttribute('aria-label', label);
}
