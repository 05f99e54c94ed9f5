/**
 * 0 to 9 against the clock.
 * In:  readings while the challenge is in view.
 * Out: the digit to write, the time, what has been written; a card at the end.
 */

import { MODEL } from '../engine/constants.js';
import { paintLevels } from '../pad/canvas.js';
import { currentPad } from '../pad/demo.js';
import { find } from '../pad/dom.js';
import { signsOf, stateOf } from '../pad/words.js';
import { timeCard } from './cards.js';
import { Race, seconds } from './race.js';
import { loadScores, saveScores } from './scores.js';

/** @typedef {import('../inside/inside.js').Answered} Answered */
/** @typedef {import('./challenge.js').Send} Send */

const { CLASSES, IMAGE_SIZE } = MODEL;
const TICK = 100;
const CELL = `<canvas width="${IMAGE_SIZE}" height="${IMAGE_SIZE}"></canvas>`;
const CLOCK = `<p class="challenge-rule">Write the digits one after the other. The clock starts with your first stroke.</p>
  <p class="challenge-asked"><span>Write</span> <b translate="no">0</b> <span class="challenge-time" role="timer" aria-live="off">0.0 s</span></p>
  <p class="challenge-says" role="status"></p>
  <ol class="challenge-row" translate="no"></ol>
  <div class="fool-buttons">
    <button type="button" class="play-button play-main challenge-card" hidden>Send the card</button>
    <button type="button" class="play-button challenge-again">Start again</button>
    <button type="button" class="play-button challenge-skip">Skip this digit</button>
  </div>
  <p class="challenge-best"></p>`;

export class Clock {
  #race = new Race();
  /** Until the next digit is asked for. */
  #wait = 0;
  #tick = 0;
  #ended = 0;

  #refresh;
  #says;
  #card;
  #skip;

  /** @param {Send} send @param {() => void} refresh what the empty pad says has changed */
  constructor(send, refresh) {
    this.#refresh = refresh;
    this.root = document.createElement('div');
    this.root.innerHTML = CLOCK;
    this.#says = find(this.root, '.challenge-says', HTMLElement);
    this.#card = find(this.root, '.challenge-card', HTMLButtonElement);
    this.#skip = find(this.root, '.challenge-skip', HTMLButtonElement);
    find(this.root, '.challenge-row', HTMLElement).innerHTML = Array.from({ length: CLASSES }, (_, i) => `<li>${CELL}<b>${i}</b></li>`).join('');
    this.#card.addEventListener('click', () => {
      const time = seconds(this.#race.time(0));
      const images = this.#race.seen.map((seen) => seen ?? new Uint8Array(IMAGE_SIZE ** 2));
      send((palette) => timeCard(images, time, palette), `0 to 9 in ${time}, with the ten digits as they were written`,
        `${location.origin}${location.pathname}#tab=play`);
    });
    find(this.root, '.challenge-again', HTMLElement).addEventListener('click', () => this.enter());
    this.#skip.addEventListener('click', () => this.#next(null));
    this.#show();
  }

  get hint() {
    return this.#race.isOver ? '' : `Write a ${this.#race.asked} here`;
  }

  enter() {
    clearTimeout(this.#wait);
    this.#race = new Race();
    currentPad()?.clear();
    this.#say('');
    this.#show();
  }

  penDown() {
    const race = this.#race;
    if (race.isOver || race.isRunning) return;
    currentPad()?.clear(); // what was there before
    race.begin(performance.now());
    this.#skip.disabled = false;
    clearInterval(this.#tick);
    this.#tick = window.setInterval(() => this.#showTime(), TICK);
  }

  /** @param {Answered} reading */
  follow({ digits, example, ended }) {
    clearTimeout(this.#wait);
    const race = this.#race;
    if (!race.isRunning || example || !ended) return;
    if (race.isRight(digits)) {
      this.#ended = performance.now();
      this.#wait = window.setTimeout(() => this.#next(digits[0].seen), race.patience);
      return;
    }
    const signs = signsOf(digits).join('');
    const refused = digits.every((digit) => stateOf(digit) === 'refused');
    this.#say(refused ? 'It reads no digit yet.' : `It reads ${signs}. Go on, or clear the pad.`);
  }

  /** @param {Uint8Array | null} seen null: skipped */
  #next(seen) {
    clearTimeout(this.#wait);
    const race = this.#race;
    const digit = race.asked;
    race.next(seen, seen ? this.#ended : performance.now());
    this.#say(race.isOver ? this.#result() : `${seen ? 'Read' : 'Skipped'}: ${digit}. Now a ${race.asked}.`);
    if (!race.isOver) currentPad()?.clear();
    this.#show();
  }

  #result() {
    const time = this.#race.time(0);
    const { skipped } = this.#race;
    if (skipped) return `0 to 9 in ${seconds(time)}, ${skipped} skipped. Only all ten count as a best time.`;
    const { best } = loadScores().scores;
    if (best !== null && best <= time) return `0 to 9 in ${seconds(time)}.`;
    saveScores({ best: time });
    const before = best === null ? '' : ` so far; it was ${seconds(best)}`;
    return `0 to 9 in ${seconds(time)}: your best time${before}.`;
  }

  #show() {
    const race = this.#race;
    find(this.root, '.challenge-asked span', HTMLElement).textContent = race.isOver ? 'Done' : 'Write';
    find(this.root, '.challenge-asked b', HTMLElement).textContent = race.isOver ? '' : String(race.asked);
    [...this.root.querySelectorAll('.challenge-row li')].forEach((cell, i) => {
      const seen = race.seen[i];
      cell.className = seen === undefined ? '' : seen ? 'done' : 'skipped';
      cell.setAttribute('aria-label', `${i}: ${seen === undefined ? 'to do' : seen ? 'written' : 'skipped'}`);
      if (seen) paintLevels(find(cell, 'canvas', HTMLCanvasElement), seen, IMAGE_SIZE);
    });
    this.#card.hidden = !race.isOver || race.skipped > 0;
    this.#skip.disabled = !race.isRunning;
    const { best } = loadScores().scores;
    find(this.root, '.challenge-best', HTMLElement).textContent = best === null ? '' : `Your best time: ${seconds(best)}`;
    this.#showTime();
    this.#refresh();
  }

  #showTime() {
    find(this.root, '.challenge-time', HTMLElement).textContent = seconds(this.#race.time(performance.now()));
    if (!this.#race.isRunning) clearInterval(this.#tick);
  }

  /** @param {string} sentence */
  #say(sentence) {
    this.#says.textContent = sentence;
  }
}
