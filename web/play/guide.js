/**
 * Write 0 to 9 once, one digit after the other.
 * In:  a small pad, on which is drawn what is on the pad.
 * Out: ten drawings with what they are.
 */

import { MODEL } from '../engine/constants.js';
import { SmallPad } from '../inside/smallpad.js';
import { currentPad } from '../pad/demo.js';
import { keepChildren, make, makeButton } from '../pad/dom.js';

/** @typedef {import('../pad/strokes.js').Stroke} Stroke */

const DIGITS = MODEL.CLASSES;

export class Guide {
  root = make('div', '', 'teach-guide');
  /** @type {Stroke[]} on the pad */
  #strokes = [];
  /** The digit to be written; −1: none. */
  #digit = -1;
  /** How many have been written. */
  #written = 0;
  #start = makeButton('Write 0 to 9 once', 'play-button');
  #steps = make('div', '', 'teach-steps');
  #title = make('p', '', 'teach-title');
  #dots = make('div', '', 'teach-dots');
  #next = makeButton('', 'play-button play-main');
  #clear = makeButton('Clear', 'play-button');
  #skip = makeButton('Skip', 'play-button');
  #pad;
  #onWritten;
  #tell;
  #onOpen;

  /**
   * @param {(digit: number, strokes: Stroke[]) => string} onWritten returns a sentence when something is wrong
   * @param {(sentence: string) => void} tell
   * @param {(opens: boolean) => void} onOpen
   */
  constructor(onWritten, tell, onOpen) {
    this.#onWritten = onWritten;
    this.#tell = tell;
    this.#onOpen = onOpen;
    const place = make('div', '', 'small-pad');
    const canvas = make('canvas');
    canvas.tabIndex = 0;
    const status = make('p', '', 'unseen');
    status.setAttribute('role', 'status');
    const names = { role: 'application', 'aria-roledescription': 'drawing pad', 'aria-describedby': 'pad-help', 'aria-label': 'Write the digit here' };
    for (const [name, value] of Object.entries(names)) canvas.setAttribute(name, value);
    place.append(canvas, status);
    this.#pad = new SmallPad(place);
    this.#title.setAttribute('aria-live', 'polite');
    this.#dots.setAttribute('aria-hidden', 'true');
    keepChildren(this.#dots, DIGITS, () => make('i'));
    const buttons = make('div', '', 'teach-buttons');
    buttons.append(this.#next, this.#clear, this.#skip);
    const side = make('div');
    side.append(this.#title, this.#dots, buttons);
    this.#steps.append(place, side);
    this.root.append(this.#start, this.#steps);
    this.#start.addEventListener('click', () => {
      tell('');
      this.#written = 0;
      this.#go(this.#digit < 0 ? 0 : -1);
    });
    this.#next.addEventListener('click', () => this.#take());
    this.#clear.addEventListener('click', () => this.#pad.clear());
    this.#skip.addEventListener('click', () => this.#go(this.#digit + 1));
    this.#show();
  }

  /** @param {import('../pad/demo.js').Reading} reading */
  follow({ strokes }) {
    this.#strokes = strokes;
    this.#pad.show(strokes, false);
    this.#next.disabled = this.#clear.disabled = strokes.length === 0;
  }

  #take() {
    if (this.#strokes.some(({ sheet }) => sheet)) {
      this.#tell('Write this one by hand.');
      return;
    }
    const wrong = this.#onWritten(this.#digit, this.#strokes);
    if (!wrong) this.#written += 1;
    this.#tell('');
    this.#go(this.#digit + 1);
    if (wrong) this.#tell(wrong);
  }

  /** @param {number} digit the next; 10: done; −1: stopped */
  #go(digit) {
    if (digit === DIGITS && this.#written > 0) {
      const seen = this.#written === DIGITS ? 'each of your digits once' : `${this.#written} of your ten digits`;
      this.#tell(`Done: it has seen ${seen}.`);
    }
    this.#digit = digit === DIGITS ? -1 : digit;
    if (digit >= 0) currentPad()?.clear();
    this.#show();
    if (this.#digit >= 0) this.#pad.canvas.focus({ preventScroll: true });
    else this.#start.focus({ preventScroll: true });
  }

  #show() {
    this.#steps.hidden = this.#digit < 0;
    this.#onOpen(this.#digit >= 0);
    this.#start.textContent = this.#digit < 0 ? 'Write 0 to 9 once' : 'Stop';
    this.#title.textContent = `Write a ${this.#digit}`;
    this.#next.textContent = `That is my ${this.#digit}`;
    [...this.#dots.children].forEach((dot, i) => dot.classList.toggle('teach-done', i < this.#digit));
  }
}
