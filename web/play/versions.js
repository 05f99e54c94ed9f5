/**
 * All versions: what every network of this project makes of the drawing.
 * In:  the other networks, loaded when this is opened; readings, also while the pen moves.
 * Out: a line, and a row for each, which makes its network the one that the page reads with.
 */

import { digitOf, networkOf } from '../engine/cnn.js';
import { answerOf } from '../engine/predict.js';
import { justShrunk } from '../inside/steps.js';
import { dataOf } from '../pad/data.js';
import { onReading, ownNetwork, useNetwork } from '../pad/demo.js';
import { make, makeButton } from '../pad/dom.js';
import { percent } from '../pad/format.js';
import { certaintyOf, signsOf, stateOf, withArticle } from '../pad/words.js';
import { makeBars, showBars } from './bars.js';

/** @typedef {import('../engine/cnn.js').Network} Network */
/** @typedef {import('../engine/predict.js').Answer} Answer */
/** @typedef {import('../pad/demo.js').Reading} Reading */
/** @typedef {{title: string, about: string, learntFrom: string, network: Network, own: boolean}} Version */

/** In milliseconds: on a slow device, and while the pen moves, the versions that are left are asked in the next frame. */
const BUDGET = 18;
const SHRUNK = 'All versions see the whole pad, just shrunk to 28 × 28 pixels: small, thin and off-centre ink stays so. Most networks have not learned that.';

/** @param {HTMLElement} body */
export async function mount(body) {
  const wait = make('p', 'Loading the other versions …', 'play-wait');
  wait.setAttribute('role', 'status');
  body.append(wait);
  const versions = new Versions(body, await load());
  wait.remove();
  onReading((reading) => versions.follow(reading));
}

/** @returns {Promise<Version[]>} the shipped networks, and the page's own where it is none of them */
async function load() {
  const own = ownNetwork();
  if (!own) throw new Error('Wait until the network has loaded, then open this again.');
  const { about } = await dataOf('versions');
  /** @type {Version[]} */
  const found = await Promise.all(
    about.versions.map(async (/** @type {any} */ version) => {
      if (version.network === null) return { ...version, network: own, own: true };
      const packed = await dataOf(version.network);
      return { ...version, network: networkOf(packed.about, /** @type {Float32Array} */ (packed.arrays.weights.values)), own: false };
    }),
  );
  if (!found.some((version) => version.own)) {
    found.push({ title: own.description.name, about: 'The network of this page.', learntFrom: 'its own data', network: own, own: true });
  }
  return found;
}

class Versions {
  /** @type {Reading | null} */
  #reading = null;

  /** @type {Answer[]} the latest of each version */
  #answers = [];
  /** The version that is asked next. */
  #next = 0;

  #versions;
  #rows;
  #line = make('p', '', 'versions-line');
  #shrink = make('input');
  #words = make('p', '', 'versions-words');
  #back = makeButton();

  /** @param {HTMLElement} body @param {Version[]} versions */
  constructor(body, versions) {
    this.#versions = versions;
    this.#rows = versions.map((version) => rowOf(version, () => this.#use(version)));
    this.#line.setAttribute('role', 'status');
    const list = make('ul', '', 'versions');
    list.append(...this.#rows.map(({ item }) => item));
    const fold = make('details', '', 'versions-fold');
    fold.open = true;
    const summary = make('summary');
    summary.append(this.#line);
    fold.append(summary, list);
    fold.addEventListener('toggle', () => this.#show());
    const choice = make('label', '', 'steps-choice');
    Object.assign(this.#shrink, { type: 'checkbox' });
    this.#shrink.setAttribute('role', 'switch');
    this.#shrink.addEventListener('change', () => this.#show());
    choice.append(this.#shrink, ' What if we just shrink the drawing?');
    body.append(fold, choice, this.#words);
    const own = versions.find((version) => version.own);
    this.#back.textContent = `Back to version ${own?.title}`;
    this.#back.addEventListener('click', () => useNetwork(null));
    body.closest('.draw')?.querySelector('.play-line')?.append(this.#back);
  }

  /** @param {Reading} reading */
  follow(reading) {
    this.#reading = reading;
    const used = this.#versions.find(({ network }) => network.description === reading.network.description);
    this.#back.hidden = !used || used.own;
    this.#rows.forEach(({ button }, i) => button.setAttribute('aria-pressed', String(this.#versions[i] === used)));
    this.#show();
  }

  #show() {
    if (!this.#reading || !this.#line.checkVisibility()) return;
    const { digit, strokes, network, ended } = this.#reading;
    if (!digit) {
      this.#line.textContent = 'Draw a digit: all versions read it.';
      this.#answers = [];
      for (const row of this.#rows) fill(row, null);
      return;
    }
    const shrunk = this.#shrink.checked;
    this.#words.textContent = shrunk ? SHRUNK : '';
    const seen = shrunk ? justShrunk(strokes) : digit.seen;
    const start = performance.now();
    for (let asked = 0; asked < this.#versions.length; asked += 1) {
      const version = this.#versions[this.#next];
      const read = !shrunk && version.network.description === network.description;
      this.#answers[this.#next] = read ? digit : answerOf(version.network, seen);
      fill(this.#rows[this.#next], this.#answers[this.#next]);
      this.#next = (this.#next + 1) % this.#versions.length;
      if (!ended && performance.now() - start > BUDGET && this.#answers.length === this.#versions.length) break;
    }
    const line = lineOf(this.#answers.map((answer) => signsOf([answer])[0]));
    if (this.#line.textContent !== line) this.#line.textContent = line;
  }

  /** @param {Version} version */
  #use({ network: { description, weights }, title, own }) {
    useNetwork(own ? null : { description, weights, note: `Read with version ${title}.` });
  }
}

/** How many versions say the same. @param {string[]} signs */
function lineOf(signs) {
  const counts = new Map();
  for (const sign of signs) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  const [sign, most] = [...counts].sort((a, b) => b[1] - a[1])[0];
  const what = /\d/.test(sign) ? `It is ${withArticle(Number(sign))}` : 'It is not a digit';
  if (most === signs.length) return `All ${most} versions agree: ${what.toLowerCase()}.`;
  return most > 1 ? `${most} of ${signs.length} versions agree: ${what.toLowerCase()}.` : 'No two versions agree.';
}

/** @typedef {{item: HTMLElement, button: HTMLButtonElement, sign: HTMLElement, certainty: HTMLElement, chart: HTMLElement}} Row */

/** @param {Version} version @param {() => void} onChoose @returns {Row} */
function rowOf({ title, about, learntFrom }, onChoose) {
  const button = makeButton('', 'versions-row');
  button.title = about;
  button.addEventListener('click', onChoose);
  const words = make('span', '', 'versions-words-of');
  words.append(make('b', title), make('small', `learned from ${learntFrom}`));
  const [sign, certainty] = [make('span', '', 'versions-sign'), make('span', '', 'versions-certainty')];
  const chart = make('span', '', 'versions-bars');
  chart.setAttribute('aria-hidden', 'true');
  makeBars(chart);
  button.append(words, sign, chart, certainty);
  const item = make('li');
  item.append(button);
  return { item, button, sign, certainty, chart };
}

/** @param {Row} row @param {Answer | null} answer */
function fill({ sign, certainty, chart }, answer) {
  const state = answer ? stateOf(answer) : 'refused';
  sign.textContent = answer ? signsOf([answer])[0] : '';
  sign.className = `versions-sign ${state}`;
  certainty.textContent = !answer ? '' : state === 'sure' ? percent(answer.judgement.probabilities[digitOf(answer.result)]) : state === 'refused' ? 'not a digit' : certaintyOf(answer);
  showBars(chart, answer);
}
