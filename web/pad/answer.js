/**
 * The answer beside the pad.
 * In:  the digits that were read, and which of them is looked at.
 * Out: the digit or the whole number in large type; ten bars in the fixed order 0–9 and the image the network saw, of the one
 *      looked at; of several, one button each to choose it.
 */

import { CONFIDENCE, MODEL } from '../engine/constants.js';

/** @typedef {import('./read.js').Digit} Digit */

const { IMAGE_SIZE } = MODEL;

/** @param {number} probability */
export function percent(probability) {
  const value = 100 * probability;
  if (value >= 99.95) return '> 99.9 %';
  return `${value.toFixed(1)} %`;
}

/** The most likely digit. @param {ArrayLike<number>} scores */
export function digitOf(scores) {
  const values = Array.from(scores);
  return values.indexOf(Math.max(...values));
}

/** All digits in a row. @param {Digit[]} digits */
export const numberOf = (digits) => digits.map(({ result }) => digitOf(result.logProbs)).join('');

/** How sure the network is, in words. @param {Digit} digit */
function words({ result, judgement: { verdict, candidates, probabilities } }) {
  if (verdict === CONFIDENCE.UNSURE) return `Unsure: ${candidates[0]} or ${candidates[1]}?`;
  if (verdict === CONFIDENCE.NOT_A_DIGIT) return 'Does not look like a digit';
  return percent(probabilities[digitOf(result.logProbs)]);
}

/** @param {HTMLCanvasElement} canvas 28 × 28 @param {Uint8Array | null} levels */
export function paintLevels(canvas, levels) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = context.createImageData(IMAGE_SIZE, IMAGE_SIZE);
  for (let i = 0; i < IMAGE_SIZE * IMAGE_SIZE; i += 1) {
    const value = levels ? levels[i] : 0;
    image.data.set([value, value, value, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

/**
 * Fill `root` with the empty state and return the function that shows an answer.
 * @param {HTMLElement} root
 * @param {(index: number) => void} onChoose the visitor wants to look at another digit
 * @returns {(digits: Digit[], chosen: number, final: boolean) => void} `final`: the stroke has ended, and a screen reader is told
 */
export function mountAnswer(root, onChoose) {
  /** @type {<T extends HTMLElement>(selector: string) => T} */
  const find = (selector) => /** @type {any} */ (root.querySelector(selector));
  const large = find('.answer-digit');
  const probability = find('.answer-probability');
  const spoken = find('.answer-spoken');
  const seen = /** @type {HTMLCanvasElement} */ (find('.answer-seen canvas'));
  const chips = find('.answer-chips');
  const bars = [...root.querySelectorAll('.bar')].map((bar) => /** @type {HTMLElement} */ (bar));
  chips.addEventListener('click', (event) => {
    const chip = /** @type {HTMLElement} */ (event.target).closest('button');
    if (chip) onChoose([...chips.children].indexOf(chip));
  });

  /** @param {Digit[]} digits @param {number} chosen */
  function showChips(digits, chosen) {
    const count = digits.length > 1 ? digits.length : 0;
    while (chips.children.length > count) chips.lastElementChild?.remove();
    while (chips.children.length < count) {
      const chip = document.createElement('button');
      chip.type = 'button';
      chips.append(chip);
    }
    [...chips.children].forEach((chip, i) => {
      chip.textContent = String(digitOf(digits[i].result.logProbs));
      chip.setAttribute('aria-label', `Digit ${i + 1}: ${chip.textContent}, ${words(digits[i])}`);
      chip.setAttribute('aria-pressed', String(i === chosen));
    });
  }

  return function show(digits, chosen, final) {
    const digit = digits.length ? digits[chosen] : null;
    const several = digits.length > 1;
    const shares = digit ? digit.judgement.probabilities : new Array(bars.length).fill(0);
    const top = digit ? digitOf(digit.result.logProbs) : null;
    root.classList.toggle('answer-empty', digit === null);
    root.classList.toggle('answer-doubtful', !several && digit !== null && digit.judgement.verdict !== CONFIDENCE.DIGIT);
    large.textContent = digit ? numberOf(digits) : '?';
    large.style.setProperty('--digits', String(Math.max(1, digits.length)));
    probability.textContent = digit ? `${several ? `${top}: ` : ''}${words(digit)}` : 'Draw a digit';
    if (final) spoken.textContent = digit ? `${numberOf(digits)}, ${probability.textContent}` : 'Nothing drawn';
    showChips(digits, chosen);
    bars.forEach((bar, i) => {
      bar.style.setProperty('--share', String(shares[i]));
      bar.classList.toggle('bar-top', i === top);
      const label = /** @type {HTMLElement} */ (bar.querySelector('.bar-value'));
      label.textContent = shares[i] >= 0.005 ? String(Math.round(100 * shares[i])) : '';
      bar.setAttribute('aria-label', `${i}: ${percent(shares[i])}`);
    });
    paintLevels(seen, digit && digit.seen);
  };
}
