/**
 * A network's errors: a confusion matrix, and the digits behind each of its cells.
 * In:  a function that fetches the test answers of an iteration, and radios that choose one.
 * Out: the matrix and the digits; a digit that is clicked goes onto the pad.
 */

import { MODEL } from '../engine/constants.js';
import { answerOf } from '../engine/predict.js';
import { newCanvas, paintLevels } from '../pad/canvas.js';
import { onReading, putOnPad } from '../pad/demo.js';
import { find, make, makeButton } from '../pad/dom.js';
import { percent } from '../pad/format.js';
import { openTab } from '../pad/tabs.js';
import { certaintyOf } from '../pad/words.js';

/**
 * @typedef {{index: number, label: number, answer: number, answer_probability: number, levels: string, disputed: boolean}} WrongDigit
 *   levels: 784 grey levels in base64
 * @typedef {{counts: number[][], wrong: WrongDigit[]}} Answers  counts by label and answer
 * @typedef {{sentence: string} | Answers} Fetched  the sentence says why there are none
 */

const { IMAGE_SIZE } = MODEL;
const DISPUTED = 'Even people argue about this one';

/** @param {number} count */
const times = (count) => (count === 1 ? '1 time' : `${count} times`);

/** @param {number} label @param {number} answer @param {number} count */
const readAs = (label, answer, count) => `${label} read as ${answer}: ${times(count)}`;

/** @type {import('../engine/cnn.js').Network | null} the network that reads the pad */
let padNetwork = null;

/**
 * @param {HTMLElement} root holds what `page/results.py` writes
 * @param {(name: string) => Promise<Fetched>} fetchAnswers
 */
export function mountResults(root, fetchAnswers) {
  const place = find(root, '.mistakes-found', HTMLElement);
  const hint = find(root, '.loading', HTMLElement);
  const chosen = () => find(root, 'input:checked', HTMLInputElement).value;
  let shown = '';
  onReading(({ network }) => (padNetwork = network));

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
      const mistakes = new Mistakes(answers, name);
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
  #name;
  #heading = make('h3');
  #all;
  #note = make('p', '', 'caption');
  #gallery = make('ul', '', 'gallery');

  /** @param {Answers} answers @param {string} name of the network that gave them */
  constructor({ counts, wrong }, name) {
    this.#counts = counts;
    this.#wrong = wrong;
    this.#name = name;
    const spoken = make('div');
    spoken.setAttribute('role', 'status');
    spoken.append(this.#heading);
    this.#all = makeButton(`Show all ${wrong.length}`, 'all');
    this.#all.addEventListener('click', () => {
      this.#showAll();
      this.#gallery.querySelector('button')?.focus(); // the button that had the focus is gone
    });
    this.#fillMatrix();
    this.digits.append(spoken, this.#all, this.#note, this.#gallery);
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
    if (label === answer) {
      cell.append(make('span', String(count), 'right')); // the images of right answers are not stored, so there is nothing to show
      return cell;
    }
    const button = makeButton(String(count));
    button.dataset.cell = `${label}${answer}`;
    button.setAttribute('aria-label', readAs(label, answer, count));
    button.style.setProperty('--share', String(share));
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
    const ours = padNetwork?.description.name;
    const shares = ours === this.#name ? 'what the pad says about it' : `the probability that ${this.#name} gave its answer`;
    const reader = ours === undefined || ours === this.#name ? '' : ` On the pad, ${ours} reads it.`;
    this.#note.textContent = `Label → answer, and ${shares}. Click a digit to put it on the pad.${reader}`;
    this.#gallery.replaceChildren(...digits.map((digit) => {
      const item = make('li');
      item.append(digitButton(digit, this.#name));
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

/** @param {WrongDigit} digit @param {string} name of the network that got it wrong */
function digitButton({ index, label, answer, answer_probability, levels, disputed }, name) {
  const image = Uint8Array.from(atob(levels), (letter) => letter.charCodeAt(0));
  const canvas = newCanvas(IMAGE_SIZE, IMAGE_SIZE);
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `Test digit ${index}:`);
  paintLevels(canvas, image, IMAGE_SIZE);
  // one share everywhere: where the pad's network gave the answer, the tile says what the pad will say
  const onPad = padNetwork?.description.name === name ? certaintyOf(answerOf(padNetwork, image)) : percent(answer_probability);
  const button = makeButton('', disputed ? 'wrong disputed' : 'wrong');
  button.title = 'Put it on the pad';
  button.append(canvas, make('b', `${label} → ${answer}`), make('span', onPad));
  if (disputed) button.append(make('em', DISPUTED));
  button.addEventListener('click', () => {
    openTab('draw');
    const ours = padNetwork?.description.name;
    const reader = ours === undefined || ours === name ? '' : ` Here ${ours} reads it.`;
    putOnPad(image, `Test digit ${index}, labelled ${label}. ${name} read it as ${answer}.${reader}`);
  });
  return button;
}
