/**
 * The answer beside the pad.
 * In:  what Python says of a drawing, `{digit, probabilities, verdict, seen}`.
 * Out: the digit in large type, ten bars in the fixed order 0–9, the image the network saw.
 */

const SEEN_SIZE = 28;

/** @typedef {{digit: number | null, probabilities: number[], verdict: string, seen: number[][]}} Answer */

/** @param {number} probability */
function percent(probability) {
  const value = 100 * probability;
  if (value >= 99.95) return '> 99.9 %';
  return `${value.toFixed(1)} %`;
}

/**
 * Fill `root` with the empty state and return the function that shows an answer.
 * @param {HTMLElement} root
 * @returns {(answer: Answer | string | null, waiting?: boolean) => void} `waiting`: the drawing has changed and the answer is
 *   still to come; a drawing dims the old answer, an empty pad takes it away at once
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

  /** @param {number[][] | null} rows */
  function paintSeen(rows) {
    const image = seenContext.createImageData(SEEN_SIZE, SEEN_SIZE);
    for (let i = 0; i < SEEN_SIZE * SEEN_SIZE; i += 1) {
      const value = rows ? rows[Math.floor(i / SEEN_SIZE)][i % SEEN_SIZE] : 0;
      image.data.set([value, value, value, 255], 4 * i);
    }
    seenContext.putImageData(image, 0, 0);
  }

  return function show(given, waiting = false) {
    root.classList.toggle('answer-waiting', waiting && Boolean(given));
    if (waiting && given) return;
    const answer = /** @type {Answer} */ (given);
    const empty = !answer || answer.digit === null;
    root.classList.toggle('answer-empty', empty);
    digit.textContent = empty ? '?' : String(answer.digit);
    probability.textContent = empty ? 'Draw a digit' : percent(answer.probabilities[/** @type {number} */ (answer.digit)]);
    spoken.textContent = empty ? 'Nothing drawn' : `${answer.digit}, ${probability.textContent}`;
    bars.forEach((bar, i) => {
      const share = empty ? 0 : answer.probabilities[i];
      bar.style.setProperty('--share', String(share));
      bar.classList.toggle('bar-top', !empty && i === answer.digit);
      const label = /** @type {HTMLElement} */ (bar.querySelector('.bar-value'));
      label.textContent = share >= 0.005 ? String(Math.round(100 * share)) : '';
      bar.setAttribute('aria-label', `${i}: ${percent(share)}`);
    });
    paintSeen(empty ? null : answer.seen);
  };
}
