/**
 * What a network gets wrong: a confusion matrix, and the digits behind each of its cells.
 * In:  a function that fetches the test answers of an iteration, and radios that choose one.
 * Out: the matrix and the digits; a digit that is clicked goes onto the pad.
 */

import { IMAGE_SIZE } from '../engine/cnn.js';
import { putOnPad } from '../pad/demo.js';

/**
 * @typedef {{index: number, label: number, answer: number, answer_probability: number, levels: string, disputed: boolean}} WrongDigit
 *   levels: 784 grey levels in base64
 * @typedef {{sentence: string} | {counts: number[][], wrong: WrongDigit[]}} Answers  the sentence says why there are none
 */

/** @param {number} count */
const times = (count) => (count === 1 ? 'once' : `${count.toLocaleString('en')} times`);

/** @param {string} tag @param {string} [text] @param {string} [className] */
function make(tag, text = '', className = '') {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

/** @param {WrongDigit} digit */
function digitButton(digit) {
  const levels = Uint8Array.from(atob(digit.levels), (letter) => letter.charCodeAt(0));
  const canvas = document.createElement('canvas');
  canvas.width = IMAGE_SIZE;
  canvas.height = IMAGE_SIZE;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = context.createImageData(IMAGE_SIZE, IMAGE_SIZE);
  levels.forEach((level, i) => image.data.set([level, level, level, 255], 4 * i));
  context.putImageData(image, 0, 0);
  const probability = `${Math.round(100 * digit.answer_probability)} %`;
  const button = /** @type {HTMLButtonElement} */ (make('button', '', digit.disputed ? 'wrong disputed' : 'wrong'));
  button.type = 'button';
  const doubt = digit.disputed ? '; people do not agree on this label' : '';
  button.setAttribute('aria-label',
    `Test digit ${digit.index}: ${digit.label} read as ${digit.answer} with ${probability}${doubt}. Put it on the pad.`);
  button.append(canvas, make('b', `${digit.label} → ${digit.answer}`), make('span', probability));
  if (digit.disputed) button.append(make('em', 'people do not agree on this label'));
  button.addEventListener('click', () => {
    putOnPad(levels);
    const tabs = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#tabs [role=tab]')]);
    const draw = tabs.find((tab) => tab.textContent?.trim() === 'Draw' && tab.offsetParent !== null);
    draw?.click();
    draw?.focus();
  });
  return button;
}

/**
 * @param {HTMLElement} root
 * @param {(name: string) => Promise<Answers>} fetchAnswers
 */
export function mountResults(root, fetchAnswers) {
  const found = /** @type {HTMLElement} */ (root.querySelector('.mistakes-found'));
  const hint = /** @type {HTMLElement} */ (root.querySelector('.loading'));
  const chosen = () => /** @type {HTMLInputElement} */ (root.querySelector('input:checked')).value;
  let shown = '';

  async function show() {
    const name = chosen();
    // a tab that is not open costs nothing
    if (root.clientWidth === 0 || name === shown) return;
    shown = name;
    const answers = await fetchAnswers(name).catch(() => ({
      sentence: 'The answers could not be fetched. Choose another iteration and come back to try again.',
    }));
    if (name !== chosen()) return; // another one was chosen meanwhile
    hint.hidden = !('sentence' in answers);
    if ('sentence' in answers) {
      hint.textContent = answers.sentence;
      found.replaceChildren();
    } else {
      found.replaceChildren(...matrixAndDigits(answers.counts, answers.wrong));
    }
  }

  root.addEventListener('change', show);
  new ResizeObserver(show).observe(root);
}

/** @param {number[][]} counts @param {WrongDigit[]} wrong */
function matrixAndDigits(counts, wrong) {
  const digits = counts.flat().reduce((sum, count) => sum + count, 0);
  const heading = make('h3');
  heading.setAttribute('role', 'status');
  const all = /** @type {HTMLButtonElement} */ (make('button', `Show all ${wrong.length}`, 'all'));
  all.type = 'button';
  const note = make('p', '', 'caption');
  const list = make('ul', '', 'gallery');
  const most = Math.max(1, ...counts.flatMap((row, label) => row.filter((_, answer) => answer !== label)));

  /** @param {number} [label] @param {number} [answer] */
  function choose(label, answer) {
    const one = label !== undefined && answer !== undefined;
    for (const cell of table.querySelectorAll('button')) {
      cell.setAttribute('aria-pressed', String(one && cell.dataset.cell === `${label}${answer}`));
    }
    all.hidden = !one;
    const some = wrong.filter((digit) => !one || (digit.label === label && digit.answer === answer));
    heading.textContent = one
      ? `${label} read as ${answer}: ${times(counts[label][answer])}${label === answer ? ', right' : ''}`
      : `${wrong.length} of ${digits.toLocaleString('en')} wrong`;
    note.textContent = label === answer && one
      ? 'Right ones are counted; only the wrong ones are kept as pictures.'
      : 'Label → answer, and how sure the network was. A click puts the digit on the pad.';
    list.replaceChildren(...some.map((digit) => {
      const item = make('li');
      item.append(digitButton(digit));
      return item;
    }));
  }

  const table = make('table', '', 'confusion');
  const caption = make('caption', 'Rows: the digit. Columns: what it was read as.');
  const head = make('tr');
  head.append(make('td'), ...counts.map((_, answer) => make('th', String(answer))));
  head.querySelectorAll('th').forEach((cell) => { cell.scope = 'col'; });
  table.append(caption, head);
  counts.forEach((row, label) => {
    const line = make('tr');
    const name = /** @type {HTMLTableCellElement} */ (make('th', String(label)));
    name.scope = 'row';
    line.append(name, ...row.map((count, answer) => {
      const cell = make('td');
      if (count === 0) {
        cell.append(make('span', '0', 'unseen'));
        return cell;
      }
      const right = label === answer;
      const button = /** @type {HTMLButtonElement} */ (make('button', String(count), right ? 'right' : ''));
      button.type = 'button';
      button.dataset.cell = `${label}${answer}`;
      button.setAttribute('aria-label', `${label} read as ${answer}: ${times(count)}${right ? ', right' : ''}`);
      if (!right) button.style.setProperty('--share', String(count / most));
      button.addEventListener('click', () => choose(label, answer));
      cell.append(button);
      return cell;
    }));
    table.append(line);
  });
  all.addEventListener('click', () => {
    choose();
    list.querySelector('button')?.focus(); // the button that had the focus is gone
  });
  const side = make('div', '', 'mistakes-digits');
  side.append(heading, all, note, list);
  choose();
  return [table, side];
}
