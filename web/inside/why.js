/**
 * Why the answer is what it is: the arithmetic of the softmax, and which ink speaks for which digit.
 * In:  the readings of `demo.js`.
 * Out: a table with the numbers of this drawing, two maps, words.
 */

import { digitOf, percent } from '../pad/answer.js';
import { IMAGE_SIZE } from '../engine/cnn.js';
import { paintGlow, paintMaps } from './colours.js';
import { contrast, saliency, scoresOf } from '../engine/gradients.js';

/** @typedef {import('../pad/demo.js').Reading} Reading */

/** @param {number} value */
const plain = (value) => value.toFixed(2).replace('-', '−');
/** A power of ten is written as people write it. @param {number} value */
function power(value) {
  if (value >= 0.01) return value.toFixed(value < 10 ? 3 : 1);
  const [digits, exponent] = value.toExponential(1).split('e-');
  return `${digits}·10⁻${exponent.replace(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)])}`;
}

/** The logarithm of a share, near 0 to its first digits. @param {number} share */
function logOf(share) {
  const value = Math.log(share);
  return value > -0.01 && value < 0 ? `−${power(-value)}` : plain(value);
}

/** @param {HTMLElement} root the section of `inside.html` */
export function mountWhy(root) {
  /** @type {<T extends HTMLElement>(selector: string) => T} */
  const find = (selector) => /** @type {any} */ (root.querySelector(selector));
  const [body, arithmetic, others] = [find('tbody'), find('.why-arithmetic'), find('.why-others')];
  const saliencyMap = /** @type {HTMLCanvasElement} */ (find('.why-saliency'));
  const contrastMap = /** @type {HTMLCanvasElement} */ (find('.why-contrast'));
  const captionOf = (/** @type {HTMLElement} */ canvas) => /** @type {HTMLElement} */ (canvas.nextElementSibling);

  /** @type {Reading | null} */
  let reading = null;
  /** @type {number | null} chosen to compare with; null: the second likeliest */
  let other = null;

  const buttons = Array.from({ length: 10 }, (_, digit) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = String(digit);
    button.addEventListener('click', () => {
      other = digit;
      showContrast();
    });
    others.append(button);
    return button;
  });

  function showTable() {
    const { network, digit } = /** @type {Reading} */ (reading);
    if (!digit) return;
    const temperature = network.description.confidence?.temperature ?? 1;
    const scores = scoresOf(digit.result);
    const most = Math.max(...scores);
    const powers = Array.from(scores, (score) => Math.exp((score - most) / temperature)); // the largest is 1: no overflow
    const sum = powers.reduce((total, value) => total + value, 0);
    find('.why-sum').textContent = power(sum);
    const divided = temperature === 1 ? '' : ` ÷ ${temperature.toFixed(2)}`;
    const says = (/** @type {number} */ i) => {
      const share = powers[i] / sum;
      arithmetic.textContent =
        `${i}: e^((${plain(scores[i])} − ${plain(most).replace('−', '(−') + (most < 0 ? ')' : '')})${divided}) ÷ ${power(sum)} = ${power(powers[i])} ÷ ${power(sum)} = ` +
        `${percent(share)}, and ln ${power(share)} = ${logOf(share)}. The largest score is taken off all of them, which ` +
        'changes no share' + (divided ? `; ${temperature.toFixed(2)} is the temperature at which the shares mean what they say.` : '.');
    };
    body.replaceChildren(
      ...powers.map((value, i) => {
        const line = document.createElement('tr');
        line.tabIndex = 0;
        line.classList.toggle('why-top', scores[i] === most);
        const share = value / sum;
        line.innerHTML =
          `<th scope="row">${i}</th><td>${plain(scores[i])}</td><td>${power(value)}</td>` +
          `<td style="--share:${share}">${percent(share)}</td><td>${logOf(share)}</td>`;
        line.addEventListener('pointerenter', () => says(i));
        line.addEventListener('focus', () => says(i));
        return line;
      }),
    );
    says(digitOf(scores));
  }

  function showContrast() {
    const { network, digit } = /** @type {Reading} */ (reading);
    if (!digit) return;
    const scores = Array.from(scoresOf(digit.result));
    const top = digitOf(scores);
    const second = digitOf(scores.map((score, i) => (i === top ? -Infinity : score)));
    const against = other === null || other === top ? second : other;
    buttons.forEach((button, i) => {
      button.disabled = i === top;
      button.setAttribute('aria-pressed', String(i === against));
    });
    const map = contrast(network, digit.seen, top, against);
    paintMaps(contrastMap, map, IMAGE_SIZE, 1);
    const [pro, contra] = [map.filter((value) => value > 0), map.filter((value) => value < 0)].map((part) =>
      Math.abs(part.reduce((sum, value) => sum + value, 0)),
    );
    captionOf(contrastMap).innerHTML =
      `<b>Why ${top} and not ${against}</b> This ink speaks for <i class="pro">${top}</i> (${plain(pro)}), ` +
      `this for <i class="contra">${against}</i> (${plain(contra)}), in points of score`;
    contrastMap.setAttribute('aria-label', `Ink that speaks for ${top}: ${plain(pro)} points; for ${against}: ${plain(contra)} points`);
  }

  return (/** @type {Reading} */ next) => {
    reading = next;
    other = null;
    if (!next.digit) return;
    const { network, digit } = next;
    const top = digitOf(digit.result.logProbs);
    find('.why-digit').textContent = String(top);
    showTable();
    paintGlow(saliencyMap, saliency(network, digit.result, top));
    saliencyMap.style.backgroundImage = `url(${pictureOf(digit.seen)})`;
    captionOf(saliencyMap).innerHTML = `<b>What matters</b> Where it glows, ink more or less would move the score of ${top} most`;
    saliencyMap.setAttribute('aria-label', `Pixels that move the score of ${top} most, over the digit`);
    showContrast();
  };
}

/** @param {Uint8Array} levels */
function pictureOf(levels) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [IMAGE_SIZE, IMAGE_SIZE];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = context.createImageData(IMAGE_SIZE, IMAGE_SIZE);
  levels.forEach((level, i) => image.data.set([0.55 * level, 0.55 * level, 0.55 * level, 255], 4 * i));
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}
