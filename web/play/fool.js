/**
 * Fool it: one pixel after another, until the network reads another digit; and the visitor's own try with fewer.
 * In:  the current digit; the search of `attack.js`.
 * Out: the image with its changed pixels, ten bars and words; the image on the pad, if the visitor wants it there.
 */

import { attack, differences, isFooled, MAX_PIXELS, readAs } from '../engine/attack.js';
import { digitOf } from '../engine/cnn.js';
import { MODEL } from '../engine/constants.js';
import { answerOf } from '../engine/predict.js';
import { putOnPad } from '../pad/demo.js';
import { find, makeButton } from '../pad/dom.js';
import { wantsLessMotion } from '../pad/pad.js';
import { certaintyOf, stateOf } from '../pad/words.js';
import { makeBars, showBars } from './bars.js';
import { Board } from './board.js';
import { onAnswer } from './play.js';

/** @typedef {import('../engine/attack.js').Outcome} Outcome */
/** @typedef {import('../engine/predict.js').Answer} Answer */
/** @typedef {import('../inside/inside.js').Answered} Answered */

/** Milliseconds between two pixels, so that an eye can follow. */
const PACE = 420;
/** Milliseconds of a frame in which the network may run. */
const SLICE = 10;
const FULL = 255;

const FOOL = `<p class="fool-lead">A search for few pixels that change its mind. Orange pixels got ink, blue ones lost it. The thin lines in
    the bars show how it was before.</p>
  <div class="play-choice" role="group" aria-label="What it should read"><span>Make it</span></div>
  <div class="fool-buttons">
    <button type="button" class="play-button play-main fool-start">Start</button>
    <button type="button" class="play-button fool-step">Step</button>
    <button type="button" class="play-button fool-again">Again</button>
  </div>
  <div class="fool-look">
    <div class="fool-board"></div>
    <div class="fool-side">
      <p class="fool-count"><b>0</b> <span>pixels changed</span></p>
      <div class="play-bars" aria-label="Probability of each digit"></div>
      <p class="fool-says" role="status"></p>
      <div class="fool-buttons">
        <button type="button" class="play-button fool-own" hidden>Can you do it with less?</button>
        <button type="button" class="play-button fool-put" hidden>Put it on the pad</button>
      </div>
      <p class="fool-hint">Or change pixels yourself: tap them, or use the arrow keys and Enter.</p>
    </div>
  </div><p class="unseen fool-spoken" role="status"></p>`;

/** @param {HTMLElement} body */
export function mount(body) {
  const fool = new Fool(body);
  onAnswer((reading) => fool.follow(reading));
}

class Fool {
  /** @type {Answered | null} */
  #reading = null;
  /** @type {Answer | null} what is said of the image as it is now */
  #now = null;
  /** @type {number | null} */
  #target = null;
  /** @type {Generator<import('../engine/attack.js').Step, Outcome> | null} the search, while it is not at its end */
  #search = null;
  #running = false;
  /** @type {number | null} pixels of the search's result for this drawing and target */
  #record = null;

  #root;
  #board;
  #bars;
  #says;
  #buttons;
  #choice;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    root.insertAdjacentHTML('beforeend', FOOL);
    const spoken = find(root, '.fool-spoken', HTMLElement);
    this.#bars = find(root, '.play-bars', HTMLElement);
    makeBars(this.#bars);
    this.#says = find(root, '.fool-says', HTMLElement);
    this.#board = new Board(find(root, '.fool-board', HTMLElement), (at) => this.#flip(at), (text) => { spoken.textContent = text; });
    const button = (/** @type {string} */ name, /** @type {() => void} */ press) => {
      const found = find(root, `.fool-${name}`, HTMLButtonElement);
      found.addEventListener('click', press);
      return found;
    };
    this.#buttons = {
      start: button('start', () => (this.#running ? this.#pause() : this.#run())),
      step: button('step', () => this.#step()),
      again: button('again', () => this.#reset()),
      own: button('own', () => { this.#reset(); this.#board.focus(); }),
      put: button('put', () => this.#put()),
    };
    this.#choice = [null, ...Array(MODEL.CLASSES).keys()].map((target) => {
      const choice = makeButton(target === null ? 'any other digit' : String(target));
      choice.addEventListener('click', () => { this.#target = target; this.#record = null; this.#reset(); });
      return choice;
    });
    find(root, '.play-choice', HTMLElement).append(...this.#choice);
  }

  /** A new drawing starts anew; the image itself, put on the pad, goes on. @param {Answered} reading */
  follow(reading) {
    const same = this.#now && differences(this.#now.seen, reading.digit.seen).length === 0;
    if (same && this.#reading?.network === reading.network) return;
    this.#reading = reading;
    this.#record = null;
    if (this.#target === readAs(reading.digit)) this.#target = null;
    this.#reset();
  }

  #reset() {
    this.#running = false;
    this.#search = null;
    this.#now = this.#reading?.digit ?? null;
    this.#show();
    this.#say('');
  }

  /** The visitor changes a pixel, or takes the change back. @param {number} at */
  #flip(at) {
    if (!this.#reading || !this.#now) return;
    this.#running = false;
    this.#search = null;
    const image = Uint8Array.from(this.#now.seen);
    const before = this.#reading.digit.seen[at];
    if (image[at] !== before) image[at] = before;
    else image[at] = before > FULL / 2 ? 0 : FULL;
    this.#now = answerOf(this.#reading.network, image);
    this.#show();
    this.#say(this.#ownWords(this.#now));
  }

  /** @param {Answer} answer */
  #ownWords(answer) {
    const count = this.#changed.length;
    if (!this.#fooled) return `${plural(count)}: ${readsAs(answer)}${stateOf(answer) === 'refused' ? ' That is not another digit.' : ''}`;
    const record = this.#record;
    const compared = record === null ? '' : [' The search needed fewer.', ' As few as the search.', ' Fewer than the search!'][1 + Math.sign(record - count)];
    return `Done with ${plural(count)}: ${readsAs(answer)}${compared}`;
  }

  get #changed() {
    return this.#reading && this.#now ? differences(this.#reading.digit.seen, this.#now.seen) : [];
  }

  get #fooled() {
    return Boolean(this.#reading && this.#now && isFooled(this.#now, readAs(this.#reading.digit), this.#target));
  }

  #begin() {
    if (!this.#reading) return;
    if (!this.#search && this.#changed.length) this.#reset();
    this.#search ??= attack(this.#reading.network, this.#reading.digit.seen, this.#target);
  }

  async #run() {
    this.#begin();
    const search = this.#search;
    this.#running = true;
    this.#say('Searching …');
    this.#showButtons();
    const animated = !wantsLessMotion();
    while (this.#running && this.#search === search && this.#root.checkVisibility()) {
      const moved = this.#advance(animated);
      await new Promise((resolve) => { setTimeout(resolve, moved && animated ? PACE : 0); });
    }
    if (this.#search !== search || !search) return;
    this.#running = false;
    this.#showButtons();
  }

  #pause() {
    this.#running = false;
    if (this.#now) this.#say(`${plural(this.#changed.length)} so far: ${readsAs(this.#now)}`);
    this.#showButtons();
  }

  /** To the next pixel. */
  #step() {
    this.#running = false;
    this.#begin();
    const search = this.#search;
    while (search && this.#search === search && !this.#advance(true, Infinity));
    if (this.#search && this.#now) this.#pause();
  }

  /**
   * Search on for one slice of time.
   * @param {boolean} shown whether each pixel is shown @param {number} [slice] in milliseconds @returns {boolean} whether a pixel has changed, or the search has ended
   */
  #advance(shown, slice = SLICE) {
    const end = performance.now() + slice;
    while (this.#search && performance.now() < end) {
      const { done, value } = this.#search.next();
      if (done) {
        this.#end(value);
        return true;
      }
      if (value.what === 'checked') this.#say(`${this.#fooled ? found(value.changed.length) : 'Not found.'} Now every single pixel is tried: ${Math.floor(100 * value.share)}\u00a0%.`, false);
      if (value.what !== 'changed' && value.what !== 'taken back') continue;
      this.#now = value.answer;
      if (!shown) continue;
      this.#show();
      return true;
    }
    return false;
  }

  /** @param {Outcome} outcome */
  #end({ found: isFound, answer, changed, singles }) {
    this.#search = null;
    this.#running = false;
    this.#now = answer;
    this.#record = isFound ? changed.length : null;
    this.#show();
    const proven = `No single pixel does it, blank or with full ink: all ${singles} ways were tried.`;
    if (!isFound) {
      this.#say(`Nothing found with ${MAX_PIXELS} pixels, where the search ends. ${readsAs(answer)} There may be a way all the same. ${proven}`);
    } else if (changed.length === 1) {
      this.#say(`Found with 1 pixel, the fewest there can be. ${readsAs(answer)}`);
    } else {
      this.#say(`${found(changed.length)} ${readsAs(answer)} ${changed.length === 2 ? '' : 'Fewer may do. '}${proven}`);
    }
  }

  #put() {
    if (this.#now) putOnPad(this.#now.seen, `Your drawing with ${plural(this.#changed.length)} changed`);
  }

  #show() {
    if (!this.#reading || !this.#now) return;
    const count = this.#changed.length;
    this.#board.show(this.#reading.digit.seen, this.#now.seen);
    showBars(this.#bars, this.#now, this.#reading.digit);
    find(this.#root, '.fool-count b', HTMLElement).textContent = String(count);
    find(this.#root, '.fool-count span', HTMLElement).textContent = count === 1 ? 'pixel changed' : 'pixels changed';
    this.#showButtons();
  }

  #showButtons() {
    const { start, step, again, own, put } = this.#buttons;
    const count = this.#changed.length;
    start.textContent = this.#running ? 'Pause' : this.#search ? 'Go on' : 'Start';
    step.disabled = this.#running;
    again.disabled = count === 0 && !this.#search;
    own.hidden = this.#record === null || count === 0;
    put.hidden = count === 0;
    this.#choice.forEach((choice, i) => {
      const target = i ? i - 1 : null;
      choice.setAttribute('aria-pressed', String(target === this.#target));
      choice.disabled = target !== null && this.#reading !== null && target === readAs(this.#reading.digit);
    });
  }

  /** @param {string} sentence @param {boolean} [aloud] to a screen reader too */
  #say(sentence, aloud = true) {
    this.#says.setAttribute('aria-live', aloud ? 'polite' : 'off');
    this.#says.textContent = sentence;
  }
}

/** @param {number} count of pixels */
const plural = (count) => (count === 1 ? '1 pixel' : `${count} pixels`);

/** @param {number} count of pixels */
const found = (count) => `Found with ${plural(count)}.`;

/** @param {Answer} answer */
function readsAs(answer) {
  const certainty = certaintyOf(answer);
  return stateOf(answer) === 'sure' ? `It reads ${digitOf(answer.result)}: ${certainty.toLowerCase()}.` : `${certainty}${certainty.endsWith('?') ? '' : '.'}`;
}
