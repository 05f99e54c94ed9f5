/**
 * The answer beside the pad.
 * In:  the log-probabilities of a drawing and the image the network saw, or null from an empty pad.
 * Out: the digit in large type, ten bars in the fixed order 0–9, that image.
 */

import { IMAGE_SIZE } from './cnn.js';

/** @typedef {{logProbs: ArrayLike<number>, seen: Uint8Array}} Answer */

/** @param {number} probability */
function percent(probability) {
  const value = 100 * probability;
  if (value >= 99.95) return '> 99.9 %';
  return `${value.toFixed(1)} %`;
}

/** The most likely digit. @param {ArrayLike<number>} scores */
export function digitOf(scores) {
  const values = Array.from(scores);
  return values.indexOf(Math.max(...values));
}

/**
 * Fill `root` with the empty state and return the function that shows an answer.
 * @param {HTMLElement} root
 * @returns {(answer: Answer | null, final: boolean) => void} `final`: the stroke has ended, and a screen reader is told
 */
export function mountAnswer(root) {
  /** @type {<T extends HTMLElement>(selector: string) => T} */
  const find = (selector) => /** @type {any} */ (root.querySelector(selector));
  const digit = find('.answer-digit');
  const probability = find('.answer-probability');
  const spoken = find('.answer-spoken');
  const seen = /** @type {HTMLCanvasElement} */ (find('.answer-seen canvas'));
  const seenContext = /** @type {CanvasRenderingContext2D} */ (seen.getContext('2d'));
  const bars = [...root.querySelectorAll('.bar')].map((bar) => /** @type {HTMLElement} */ (bar));

  /** @param {Uint8Array | null} levels */
  function paintSeen(levels) {
    const image = seenContext.createImageData(IMAGE_SIZE, IMAGE_SIZE);
    for (let i = 0; i < IMAGE_SIZE * IMAGE_SIZE; i += 1) {
      const value = levels ? levels[i] : 0;
      image.data.set([value, value, value, 255], 4 * i);
    }
    seenContext.putImageData(image, 0, 0);
  }

  return function show(answer, final) {
    const top = answer ? digitOf(answer.logProbs) : null;
    root.classList.toggle('answer-empty', answer === null);
    digit.textContent = top === null ? '?' : String(top);
    const shares = answer ? Array.from(answer.logProbs, Math.exp) : new Array(bars.length).fill(0);
    probability.textContent = top === null ? 'Draw a digit' : percent(shares[top]);
    if (final) spoken.textContent = top === null ? 'Nothing drawn' : `${top}, ${probability.textContent}`;
    bars.forEach((bar, i) => {
      bar.style.setProperty('--share', String(shares[i]));
      bar.classList.toggle('bar-top', i === top);
      const label = /** @type {HTMLElement} */ (bar.querySelector('.bar-value'));
      label.textContent = shares[i] >= 0.005 ? String(Math.round(100 * shares[i])) : '';
      bar.setAttribute('aria-label', `${i}: ${percent(shares[i])}`);
    });
    paintSeen(answer && answer.seen);
  };
}
