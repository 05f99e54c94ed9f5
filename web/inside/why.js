/**
 * Why the answer is what it is: the arithmetic of the softmax, and which ink is evidence for which digit.
 * In:  the readings of `demo.js`.
 * Out: a table with the numbers of this drawing, two maps, words.
 */

import { digitOf } from '../engine/cnn.js';
import { MODEL } from '../engine/constants.js';
import { contrast, saliency, scoresOf } from '../engine/gradients.js';
import { argmax } from '../engine/ndimage.js';
import { newCanvas, paintLevels } from '../pad/canvas.js';
import { find, make, makeButton } from '../pad/dom.js';
import { fixed, logarithm, percent, scientific } from '../pad/format.js';
import { paintGlow, paintMaps } from './colours.js';

/** @typedef {import('./steps.js').Answered} Answered */

const { IMAGE_SIZE, CLASSES } = MODEL;
/** The digit behind the saliency is dimmed to this share, so that the highlight shows. */
const DIMMED = 0.55;

export class Why {
  /** @type {Answered | null} */
  #reading = null;
  /** @type {number | null} chosen to compare with; null: the second likeliest */
  #other = null;

  #root;
  #buttons;
  #saliency;
  #contrast;
  #arithmetic;

  /** @param {HTMLElement} root the section of `inside.html` */
  constructor(root) {
    this.#root = root;
    this.#saliency = find(root, '.why-saliency', HTMLCanvasElement);
    this.#contrast = find(root, '.why-contrast', HTMLCanvasElement);
    this.#arithmetic = find(root, '.why-arithmetic', HTMLElement);
    this.#buttons = Array.from({ length: CLASSES }, (_, digit) => {
      const button = makeButton(String(digit));
      button.addEventListener('click', () => {
        this.#other = digit;
        if (this.#reading) this.#showContrast(this.#reading);
      });
      return button;
    });
    find(root, '.why-others', HTMLElement).append(...this.#buttons);
  }

  /** @param {Answered} reading */
  show(reading) {
    this.#reading = reading;
    this.#other = null;
    find(this.#root, '.why-digit', HTMLElement).textContent = String(digitOf(reading.digit.result));
    this.#showSoftmax(reading);
    this.#showSaliency(reading);
    this.#showContrast(reading);
  }

  /** @param {Answered} reading */
  #showSoftmax({ network, digit }) {
    const softmax = softmaxOf(scoresOf(digit.result), network.description.confidence?.temperature ?? 1);
    find(this.#root, '.why-sum', HTMLElement).textContent = scientific(softmax.sum);
    const explain = (/** @type {number} */ i) => {
      this.#arithmetic.textContent = arithmetic(softmax, i);
    };
    const rows = softmax.powers.map((power, i) => {
      const row = make('tr');
      row.tabIndex = 0;
      row.classList.toggle('why-top', softmax.scores[i] === softmax.most);
      const share = power / softmax.sum;
      row.innerHTML =
        `<th scope="row">${i}</th><td>${fixed(softmax.scores[i])}</td><td>${scientific(power)}</td>` +
        `<td style="--share:${share}">${percent(share)}</td><td>${logarithm(share)}</td>`;
      row.addEventListener('pointerenter', () => explain(i));
      row.addEventListener('focus', () => explain(i));
      return row;
    });
    find(this.#root, 'tbody', HTMLElement).replaceChildren(...rows);
    explain(argmax(softmax.scores));
  }

  /** @param {Answered} reading */
  #showSaliency({ network, digit }) {
    const top = digitOf(digit.result);
    paintGlow(this.#saliency, saliency(network, digit.result, top));
    this.#saliency.style.backgroundImage = `url(${dimmedPicture(digit.seen)})`;
    describe(
      this.#saliency,
      `<b>Saliency</b> The highlighted pixels influence the score of ${top} most, whether ink is added or removed`,
      `Pixels that influence the score of ${top} most, over the digit`,
    );
  }

  /** @param {Answered} reading */
  #showContrast({ network, digit }) {
    const scores = Array.from(scoresOf(digit.result));
    const top = argmax(scores);
    const second = argmax(scores.map((score, i) => (i === top ? -Infinity : score)));
    const other = this.#other === null || this.#other === top ? second : this.#other;
    this.#buttons.forEach((button, i) => {
      button.disabled = i === top;
      button.setAttribute('aria-pressed', String(i === other));
    });
    const evidence = contrast(network, digit.seen, top, other);
    paintMaps(this.#contrast, evidence, IMAGE_SIZE, 1);
    const [forTop, forOther] = [1, -1].map((sign) => fixed(evidence.reduce((sum, value) => sum + Math.max(0, sign * value), 0)));
    describe(
      this.#contrast,
      `<b>Why ${top} and not ${other}</b> Ink that is evidence for <i class="pro">${top}</i> (${forTop}) ` +
        `and for <i class="contra">${other}</i> (${forOther}), in points of score`,
      `Ink that is evidence for ${top}: ${forTop} points of score; for ${other}: ${forOther} points`,
    );
  }
}

/** @typedef {{scores: ArrayLike<number>, most: number, temperature: number, powers: number[], sum: number}} Softmax */

/** @param {ArrayLike<number>} scores @param {number} temperature @returns {Softmax} */
function softmaxOf(scores, temperature) {
  const most = Math.max(...Array.from(scores));
  const powers = Array.from(scores, (score) => Math.exp((score - most) / temperature)); // the largest is 1: no overflow
  return { scores, most, temperature, powers, sum: powers.reduce((total, value) => total + value, 0) };
}

/** The probability of digit `i`, step by step. @param {Softmax} softmax @param {number} i */
function arithmetic({ scores, most, temperature, powers, sum }, i) {
  const probability = powers[i] / sum;
  const largest = most < 0 ? `(${fixed(most)})` : fixed(most);
  const divided = temperature === 1 ? '' : ` ÷ ${temperature.toFixed(2)}`;
  const steps = `${i}: e^((${fixed(scores[i])} − ${largest})${divided}) ÷ ${scientific(sum)} = ${scientific(powers[i])} ÷ ${scientific(sum)}`;
  const reason = 'The largest score is subtracted from all of them, which does not change the probabilities';
  const calibration = divided && `; dividing by the temperature, ${temperature.toFixed(2)}, calibrates them`;
  return `${steps} = ${percent(probability)}, and ln ${scientific(probability)} = ${logarithm(probability)}. ${reason}${calibration}.`;
}

/** @param {HTMLCanvasElement} canvas of a figure @param {string} caption HTML @param {string} label for a screen reader */
function describe(canvas, caption, label) {
  /** @type {Element} */ (canvas.nextElementSibling).innerHTML = caption;
  canvas.setAttribute('aria-label', label);
}

/** @param {Uint8Array} levels */
function dimmedPicture(levels) {
  const canvas = newCanvas(IMAGE_SIZE, IMAGE_SIZE);
  paintLevels(canvas, Array.from(levels, (level) => DIMMED * level), IMAGE_SIZE);
  return canvas.toDataURL();
}
