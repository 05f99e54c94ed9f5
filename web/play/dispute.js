/**
 * A digit that the visitor reads, and the network does not.
 * In:  readings while the challenge is in view; what the visitor calls the drawing, who alone can judge.
 * Out: what the network says; a card when it surely says another digit.
 */

import { digitOf } from '../engine/cnn.js';
import { MODEL } from '../engine/constants.js';
import { link } from '../pad/address.js';
import { currentPad } from '../pad/demo.js';
import { find, makeButton } from '../pad/dom.js';
import { percent } from '../pad/format.js';
import { holdsPicture } from '../pad/strokes.js';
import { certaintyOf, stateOf, withArticle } from '../pad/words.js';
import { disputeCard } from './cards.js';
import { loadScores, saveScores } from './scores.js';

/** @typedef {import('../inside/inside.js').Answered} Answered */
/** @typedef {import('./challenge.js').Send} Send */

/** From this probability on the network is sure of another digit. */
const SURE = 0.9;
const START = 7;
const DISPUTE = `<p class="challenge-rule">Draw a digit that anyone would read, and that it surely takes for another, with ${100 * SURE}\u00a0% or more.</p>
  <div class="play-choice" role="group" aria-label="Which digit you draw"><span>I draw a</span></div>
  <p class="challenge-says" role="status"></p>
  <div class="fool-buttons challenge-asks" hidden>
    <button type="button" class="play-button play-main challenge-yes"></button>
    <button type="button" class="play-button challenge-no">No</button>
  </div>
  <div class="fool-buttons"><button type="button" class="play-button play-main challenge-card" hidden>Send the card</button></div>
  <p class="challenge-best"></p>`;

export class Dispute {
  #called = START;
  /** @type {Answered | null} the drawing in dispute */
  #reading = null;

  #send;
  #refresh;
  #says;
  #asks;
  #card;
  #choice;

  /** @param {Send} send @param {() => void} refresh what the empty pad says has changed */
  constructor(send, refresh) {
    this.#send = send;
    this.#refresh = refresh;
    this.root = document.createElement('div');
    this.root.innerHTML = DISPUTE;
    this.#says = find(this.root, '.challenge-says', HTMLElement);
    this.#asks = find(this.root, '.challenge-asks', HTMLElement);
    this.#card = find(this.root, '.challenge-card', HTMLButtonElement);
    this.#choice = Array.from({ length: MODEL.CLASSES }, (_, digit) => {
      const button = makeButton(String(digit));
      button.addEventListener('click', () => { this.#called = digit; this.enter(); });
      return button;
    });
    find(this.root, '.play-choice', HTMLElement).append(...this.#choice);
    find(this.root, '.challenge-yes', HTMLElement).addEventListener('click', () => this.#win());
    find(this.root, '.challenge-no', HTMLElement).addEventListener('click', () => {
      this.enter();
      this.#say('Then it does not count. Try another one.');
    });
    this.#card.addEventListener('click', () => this.#share());
    this.#show();
  }

  get hint() {
    return `Draw ${this.#name} here`;
  }

  get #name() {
    return withArticle(this.#called);
  }

  enter() {
    this.#reading = null;
    currentPad()?.clear();
    this.#say('');
    this.#show();
  }

  penDown() {}

  /** @param {Answered} reading */
  follow(reading) {
    if (!reading.ended) return;
    this.#reading = null;
    this.#say(this.#wordsOn(reading));
    this.#show();
  }

  /** What the network says, and whether it counts. @param {Answered} reading @returns {string} */
  #wordsOn(reading) {
    const { digits, digit, example, strokes } = reading;
    if (example) return '';
    if (holdsPicture(strokes)) return 'Only what you draw counts here. Clear the pad and draw.';
    if (digits.length > 1) return 'It sees more than one digit. Draw one.';
    if (stateOf(digit) !== 'sure') return `${certaintyOf(digit).replace(/\.?$/, stateOf(digit) === 'refused' ? '.' : '')} That does not count.`;
    const read = digitOf(digit.result);
    const probability = digit.judgement.probabilities[read];
    if (read === this.#called) return `It says ${read}, too: ${percent(probability)}.`;
    if (probability < SURE) return `It says ${read}, but only with ${percent(probability)}.`;
    this.#reading = reading;
    return `It says ${read}: ${percent(probability)}. Is it ${this.#name}? Only you can judge that.`;
  }

  #win() {
    if (!this.#reading) return;
    const won = [...new Set([...loadScores().scores.won, this.#called])];
    saveScores({ won });
    const { digit } = this.#reading;
    this.#say(`You call it ${this.#name}. It says ${digitOf(digit.result)}. You win.`);
    this.#show(true);
  }

  async #share() {
    if (!this.#reading) return;
    const { strokes, digit } = this.#reading;
    const read = digitOf(digit.result);
    await this.#send((palette) => disputeCard(strokes, this.#called, read, digit.judgement.probabilities[read], palette),
      `A drawing. I call it ${this.#name}. It says ${read}.`, link());
  }

  #show(won = false) {
    this.#asks.hidden = !this.#reading || won;
    this.#card.hidden = !won;
    find(this.root, '.challenge-yes', HTMLElement).textContent = `Yes, it is ${this.#name}`;
    find(this.root, '.play-choice span', HTMLElement).textContent = `I draw ${this.#name.split(' ')[0]}`;
    const { won: all } = loadScores().scores;
    this.#choice.forEach((button, digit) => {
      button.setAttribute('aria-pressed', String(digit === this.#called));
      button.classList.toggle('challenge-won', all.includes(digit));
      button.setAttribute('aria-label', `${digit}${all.includes(digit) ? ', won' : ''}`);
    });
    find(this.root, '.challenge-best', HTMLElement).textContent = all.length ? `Digits that you have won with: ${all.length} of 10` : '';
    this.#refresh();
  }

  /** @param {string} sentence */
  #say(sentence) {
    this.#says.textContent = sentence;
  }
}
