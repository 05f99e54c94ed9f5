/**
 * From scores to probabilities, with the numbers of this drawing.
 * In:  readings, while the fold is open.
 * Out: a table, and the arithmetic of one of its rows.
 */

import { scoresOf } from '../engine/gradients.js';
import { argmax } from '../engine/ndimage.js';
import { find, make } from '../pad/dom.js';
import { fixed, logarithm, percent, scientific } from '../pad/format.js';

/** @typedef {import('./inside.js').Answered} Answered */
/** @typedef {{scores: ArrayLike<number>, most: number, temperature: number, powers: number[], sum: number}} Values */

export class Softmax {
  /** @type {Answered | null} */
  #reading = null;

  #root;
  #arithmetic;

  /** @param {HTMLDetailsElement} root the fold of `inside.html` */
  constructor(root) {
    this.#root = root;
    this.#arithmetic = find(root, '.why-arithmetic', HTMLElement);
    root.addEventListener('toggle', () => this.#render());
  }

  /** @param {Answered} reading */
  show(reading) {
    this.#reading = reading;
    this.#render();
  }

  #render() {
    if (!this.#root.open || !this.#reading) return;
    const { network, digit } = this.#reading;
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
        `<td style="--share:${share}">${percent(share)}</td><td class="softmax-log">${logarithm(share)}</td>`;
      row.addEventListener('pointerenter', () => explain(i));
      row.addEventListener('focus', () => explain(i));
      return row;
    });
    find(this.#root, 'tbody', HTMLElement).replaceChildren(...rows);
    explain(argmax(softmax.scores));
  }
}

/** @param {ArrayLike<number>} scores @param {number} temperature @returns {Values} */
function softmaxOf(scores, temperature) {
  const most = Math.max(...Array.from(scores));
  const powers = Array.from(scores, (score) => Math.exp((score - most) / temperature)); // the largest is 1: no overflow
  return { scores, most, temperature, powers, sum: powers.reduce((total, value) => total + value, 0) };
}

/** What dividing does. @param {number} temperature */
function calibrationOf(temperature) {
  const effect = temperature > 1 ? 'less sure' : 'surer';
  return (
    `Dividing by ${temperature.toFixed(2)}, the temperature, makes the network a little ${effect} of itself than it was after training, ` +
    'so that its percentages are true: of answers given with 90 %, about nine in ten are right.'
  );
}

/** The probability of digit `i`, step by step. @param {Values} softmax @param {number} i */
function arithmetic({ scores, most, temperature, powers, sum }, i) {
  const probability = powers[i] / sum;
  const largest = most < 0 ? `(${fixed(most)})` : fixed(most);
  const divided = temperature === 1 ? '' : ` ÷ ${temperature.toFixed(2)}`;
  const steps = `${i}: e^((${fixed(scores[i])} − ${largest})${divided}) ÷ ${scientific(sum)} = ${scientific(powers[i])} ÷ ${scientific(sum)}`;
  const reason = 'The largest score is subtracted from all of them, which does not change the probabilities';
  const growth = 'The number e is 2.718…: a score that is one point higher counts 2.718 times as much, and none counts less than nothing';
  const calibration = divided && ` ${calibrationOf(temperature)}`;
  return `${steps}, that is ${percent(probability)}; its logarithm is ${logarithm(probability)}. ${growth}. ${reason}.${calibration}`;
}
