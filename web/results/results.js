/**
 * A network's errors: a confusion matrix, and the digits behind each of its cells.
 * In:  a function that fetches the test answers of an iteration, and radios that choose one.
 * Out: the matrix and the digits; a digit that is clicked goes onto the pad.
 */

import { MODEL } from '../engine/constants.js';
import { newCanvas, paintLevels } from '../pad/canvas.js';
import { putOnPad } from '../pad/demo.js';
import { find, make, makeButton } from '../pad/dom.js';

/**
 * @typedef {{index: number, label: number, answer: number, answer_probability: number, levels: string, disputed: boolean}} WrongDigit
 *   levels: 784 grey levels in base64
 * @typedef {{counts: number[][], wrong: WrongDigit[]}} Answers  counts by label and answer
 * @typedef {{sentence: string} | Answers} Fetched  the sentence says why there are none
 */

const { IMAGE_SIZE } = MODEL;
const DISPUTED = 'people disagree about this label';

/** @param {number} count */
const times = (count) => (count === 1 ? 'once' : `${count.toLocaleString('en')} times`);

/** @param {number} label @param {number} answer @param {number} count */
const readAs = (label, answer, count) => `${label} read as ${answer}: ${times(count)}${label === answer ? ', correct' : ''}`;

/**
 * @param {HTMLElement} root holds what `page/results.py` writes
 * @param {(name: string) => Promise<Fetched>} fetchAnswers
 */
export function mountResults(root, fetchAnswers) {
  const place = find(root, '.mistakes-found', HTMLElement);
  const hint = find(root, '.loading', HTMLElement);
  const chosen = () => find(root, 'input:checked', HTMLInputElement).value;
  let shown = '';

  async function show() {
    const name = chosen();
    // a tab that is not open costs nothing
    if (root.clientWidth === 0 || name === shown) return;
    shown = name;
    const answers = await fetchAnswers(name).catch(() => ({
      sentence: 'The answers could not be loaded. Choose another iteration, then this one again.',
    }));
    if (name !== chosen()) return; // another one was chosen meanwhile
    hint.hidden = !('sentence' in answers);
    if ('sentence' in answers) {
      hint.textContent = answers.sentence;
      place.replaceChildren();
    } else {
      const mistakes = new Mistakes(answers);
      place.replaceChildren(mistakes.matrix, mistakes.digits);
    }
  }

  root.addEventListener('change', show);
  new ResizeObserver(show).observe(root);
}

/** The matrix and, of a chosen cell or of all, the digits. */
class Mistakes {
  matrix = make('table', '', 'confusion');
  digits = make('div', '', 'mistakes-digits');

  #counts;
  #wrong;
  #heading = make('h3');
  #all;
  #note = make('p', '', 'caption');
  #gallery = make('ul', '', 'gallery');

  /** @param {Answers} answers */
  constructor({ counts, wrong }) {
    this.#counts = counts;
    this.#wrong = wrong;
    this.#heading.setAttribute('role', 'status');
    this.#all = makeButton(`Show all ${wrong.length}`, 'all');
    this.#all.addEventListener('click', () => {
      this.#showAll();
      this.#gallery.querySelector('button')?.focus(); // the button that had the focus is gone
    });
    this.#fillMatrix();
    this.digits.append(this.#heading, this.#all, this.#note, this.#gallery);
    this.#showAll();
  }

  #fillMatrix() {
    const head = make('tr');
    head.append(make('td'), ...this.#counts.map((_, answer) => headerCell('col', answer)));
    this.matrix.append(make('caption', 'Rows: the label. Columns: the network’s answer.'), head);
    const most = Math.max(1, ...this.#counts.flatMap((row, label) => row.filter((_, answer) => answer !== label)));
    this.#counts.forEach((row, label) => {
      const line = make('tr');
      line.append(headerCell('row', label), ...row.map((count, answer) => this.#cell(label, answer, count / most)));
      this.matrix.append(line);
    });
  }

  /** @param {number} label @param {number} answer @param {number} share of the most frequent mistake */
  #cell(label, answer, share) {
    const cell = make('td');
    const count = this.#counts[label][answer];
    if (count === 0) {
      cell.append(make('span', '0', 'unseen'));
      return cell;
    }
    const button = makeButton(String(count), label === answer ? 'right' : '');
    button.dataset.cell = `${label}${answer}`;
    button.setAttribute('aria-label', readAs(label, answer, count));
    if (label !== answer) button.style.setProperty('--share', String(share));
    button.addEventListener('click', () => this.#showCell(label, answer));
    cell.append(button);
    return cell;
  }

  #showAll() {
    const total = this.#counts.flat().reduce((sum, count) => sum + count, 0);
    this.#press('');
    this.#heading.textContent = `${this.#wrong.length} of ${total.toLocaleString('en')} wrong`;
    this.#showDigits(this.#wrong);
  }

  /** @param {number} label @param {number} answer */
  #showCell(label, answer) {
    this.#press(`${label}${answer}`);
    this.#heading.textContent = readAs(label, answer, this.#counts[label][answer]);
    this.#showDigits(this.#wrong.filter((digit) => digit.label === label && digit.answer === answer));
    if (label === answer) this.#note.textContent = 'Images are stored only for misclassified digits.';
  }

  /** @param {string} cell of the matrix; empty: none */
  #press(cell) {
    for (const button of this.matrix.querySelectorAll('button')) {
      button.setAttribute('aria-pressed', String(button.dataset.cell === cell));
    }
    this.#all.hidden = cell === '';
  }

  /** @param {WrongDigit[]} digits */
  #showDigits(digits) {
    this.#note.textContent = 'Label → answer, with the probability of the answer. Click a digit to put it on the pad.';
    this.#gallery.replaceChildren(...digits.map((digit) => {
      const item = make('li');
      item.append(digitButton(digit));
      return item;
    }));
  }
}

/** @param {'row' | 'col'} scope @param {number} digit */
function headerCell(scope, digit) {
  const cell = make('th', String(digit));
  cell.scope = scope;
  return cell;
}

/** @param {WrongDigit} digit */
function digitButton({ index, label, answer, answer_probability, levels, disputed }) {
  const image = Uint8Array.from(atob(levels), (letter) => letter.charCodeAt(0));
  const canvas = newCanvas(IMAGE_SIZE, IMAGE_SIZE);
  paintLevels(canvas, image, IMAGE_SIZE);
  const probability = `${Math.round(100 * answer_probability)} %`;
  const button = makeButton('', disputed ? 'wrong disputed' : 'wrong');
  const doubt = disputed ? `; ${DISPUTED}` : '';
  button.setAttribute('aria-label', `Test digit ${index}: ${label} read as ${answer} with ${probability}${doubt}. Put it on the pad.`);
  button.append(canvas, make('b', `${label} → ${answer}`), make('span', probability));
  if (disputed) button.append(make('em', DISPUTED));
  button.addEventListener('click', () => {
    putOnPad(image);
    openPad();
  });
  return button;
}

function openPad() {
  const tabs = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#tabs [role=tab]')]);
  const draw = tabs.find((tab) => tab.textContent?.trim() === 'Draw' && tab.offsetParent !== null);
  draw?.click();
  draw?.focus();
}
