/**
 * Watch it learn: the network at every moment of its training, on what is drawn.
 * In:  the snapshots of a training; readings, also while the pen moves; the slider.
 * Out: the answer then, the first filters and their maps, the accuracy then.
 */

import { digitOf, networkOf } from '../engine/cnn.js';
import { MODEL } from '../engine/constants.js';
import { answerOf } from '../engine/predict.js';
import { loadSnapshots } from '../engine/snapshots.js';
import { largest, paintMaps } from '../inside/colours.js';
import { alike, mapOf } from '../inside/maps.js';
import { dataOf } from '../pad/data.js';
import { ownNetwork } from '../pad/demo.js';
import { keepChildren, make, makeButton } from '../pad/dom.js';
import { percent } from '../pad/format.js';
import { certaintyOf, signsOf, stateOf } from '../pad/words.js';
import { makeBars, showBars } from './bars.js';
import { Curve } from './curve.js';
import { onAnswer } from './play.js';

/** @typedef {import('../engine/snapshots.js').Moment} Moment */
/** @typedef {{title: string, file: string, log: number[][]}} Choice  log: accuracy in training and on the test digits, by epoch, as printed */
/** @typedef {ReturnType<typeof loadSnapshots> & {log: number[][]}} Training */

/** How long a moment is shown when the training is played, in milliseconds: within the first epoch, and later. */
const [EARLY, LATE] = [900, 350];
/** Epochs that are named below the curve. */
const NAMED = [1, 5, 10, 15, 19];

/** @param {HTMLElement} body */
export async function mount(body) {
  const { about } = await dataOf('versions');
  /** @type {Choice[]} */
  const choices = about.versions.flatMap((/** @type {any} */ { title, snapshots, log }) => (snapshots ? [{ title, file: snapshots, log }] : [])).reverse();
  const own = about.snapshots === 'snapshots' && choices.every(({ file }) => file !== about.snapshots);
  if (own) choices.unshift({ title: 'this network', file: about.snapshots, log: [] });
  if (!choices.length) throw new Error('How this network learned was not recorded.');
  const learn = new Learn(body, choices, about.snapshots ? '' : `How this page’s own network learned was not recorded, so this is version ${choices[0].title}.`);
  await learn.choose(0);
  onAnswer((reading) => learn.follow(reading.digit.seen));
}

/** @param {Moment} moment */
function nameOf({ steps, epoch }) {
  if (epoch) return `After epoch ${epoch}`;
  return steps ? `After ${steps} steps` : 'Untrained';
}

class Learn {
  /** @type {Training | null} */
  #training = null;
  #moment = 0;
  /** @type {Uint8Array} what the network sees */
  #seen = new Uint8Array(MODEL.IMAGE_SIZE ** 2);
  #timer = 0;

  #choices;
  #buttons;
  #play = makeButton('', 'play-button play-main learn-play');
  #slider = make('input', '', 'learn-slider');
  #name = make('h4', '', 'learn-name');
  #accuracy = make('p', '', 'learn-accuracy');
  #digit = make('b', '', 'learn-digit');
  #certainty = make('span', '', 'learn-certainty');
  #bars = make('div', '', 'play-bars');
  #filters = make('div', '', 'learn-filters');
  #log = make('div', '', 'learn-log');
  #status = make('p', '', 'unseen');
  #curve = new Curve((moment) => this.#show(moment));

  /** @param {HTMLElement} body @param {Choice[]} choices @param {string} note */
  constructor(body, choices, note) {
    this.#choices = choices;
    this.#buttons = choices.map(({ title }, i) => {
      const button = makeButton(`Version ${title}`, 'play-button');
      button.addEventListener('click', () => this.choose(i));
      return button;
    });
    const row = make('div', '', 'learn-choices');
    row.setAttribute('role', 'group');
    row.setAttribute('aria-label', 'Whose training');
    row.append(...this.#buttons);
    Object.assign(this.#slider, { type: 'range', min: '0', step: '1' });
    this.#slider.setAttribute('aria-label', 'Moment of the training');
    this.#slider.addEventListener('input', () => {
      this.#stop();
      this.#show(Number(this.#slider.value));
    });
    this.#play.addEventListener('click', () => (this.#timer ? this.#stop() : this.#start()));
    this.#status.setAttribute('role', 'status');
    this.#bars.setAttribute('aria-label', 'Probability of each digit');
    makeBars(this.#bars);
    body.append(...(choices.length > 1 ? [row] : []), ...(note ? [make('p', note)] : []), this.#table(), this.#status);
    this.#stop();
  }

  #table() {
    const line = make('div', '', 'learn-line-of-time');
    line.append(this.#play, this.#slider);
    const answer = make('div', '', 'learn-answer');
    const words = make('div', '', 'learn-words');
    words.append(this.#digit, this.#certainty);
    answer.append(words, this.#bars);
    const curve = make('figure', '', 'learn-figure');
    curve.append(this.#curve.image, make('figcaption', 'Test digits read correctly. The scale stretches towards 100 %; all moments are equally far apart.'));
    const table = make('div', '', 'learn');
    const filters = make('div', '', 'learn-first');
    filters.append(make('h5', 'Its first 16 filters, and what they find in this drawing'), this.#filters);
    const head = make('div', '', 'learn-head');
    head.append(this.#name, this.#accuracy);
    table.append(line, head, answer, curve, filters, this.#log);
    return table;
  }

  /** @param {number} choice */
  async choose(choice) {
    const { file, log } = this.#choices[choice];
    this.#training = { ...loadSnapshots(await dataOf(file)), log };
    this.#stop();
    this.#buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(i === choice)));
    const { moments } = this.#training;
    this.#slider.max = String(moments.length - 1);
    const printed = moments.map(({ epoch }) => (epoch && log[epoch - 1] ? log[epoch - 1][1] : null));
    const marks = moments.map(({ epoch }, i) => (i === 0 ? 'untrained' : NAMED.includes(epoch) ? String(epoch) : ''));
    this.#curve.set(moments.map(({ test_accuracy }) => test_accuracy), printed, marks);
    this.#log.replaceChildren(...(log.length ? logElements(moments, log) : []));
    this.#show(Math.min(this.#moment, moments.length - 1));
  }

  /** @param {Uint8Array} seen */
  follow(seen) {
    this.#seen = seen;
    this.#show(this.#moment);
  }

  /** @param {number} moment */
  #show(moment) {
    if (!this.#training) return;
    this.#moment = moment;
    const { description, moments, weights } = this.#training;
    const own = ownNetwork()?.description; // of the trained network, with which the last moment must agree
    const confidence = own && alike(own, description) ? own.confidence : null;
    const answer = answerOf(networkOf({ ...description, confidence }, weights[moment]), this.#seen);
    const { result } = answer;
    this.#name.textContent = nameOf(moments[moment]);
    const accuracy = `${moments[moment].test_accuracy.toFixed(2)} %`;
    this.#accuracy.textContent = `${accuracy} of the test digits right`;
    [this.#digit.textContent] = signsOf([answer]);
    this.#digit.className = `learn-digit ${stateOf(answer)}`;
    this.#certainty.textContent = certaintyOf(answer);
    showBars(this.#bars, answer);
    this.#showFilters(weights[moment], result.activations.get(description.layers[0].name));
    this.#curve.show(moment);
    this.#slider.value = String(moment);
    const top = digitOf(result);
    const said = stateOf(answer) === 'refused' ? 'not a digit' : `${top} with ${percent(answer.judgement.probabilities[top])}`;
    this.#slider.setAttribute('aria-valuetext', `${nameOf(moments[moment])}: ${said}; ${accuracy} of the test digits right`);
  }

  /** @param {Float32Array} weights @param {import('../engine/cnn.js').Maps | undefined} maps of the first layer */
  #showFilters(weights, maps) {
    if (!this.#training || !maps) return;
    const { kernel = 1, weight = 0 } = this.#training.description.layers[0];
    const values = weights.subarray(weight, weight + maps.channels * kernel ** 2);
    const [most, strongest] = [largest(values), largest(maps.data)];
    keepChildren(this.#filters, maps.channels, () => {
      const pair = make('span');
      const [filter, map] = [make('canvas'), make('canvas')];
      for (const canvas of [filter, map]) canvas.setAttribute('aria-hidden', 'true');
      pair.append(filter, map);
      return pair;
    });
    [...this.#filters.children].forEach((pair, place) => {
      const [filter, map] = /** @type {HTMLCanvasElement[]} */ ([...pair.children]);
      paintMaps(filter, values.subarray(place * kernel ** 2, (place + 1) * kernel ** 2), kernel, 1, most);
      paintMaps(map, mapOf(maps, place), maps.size, 1, strongest);
    });
  }

  #start() {
    if (!this.#training) return;
    const last = this.#training.moments.length - 1;
    if (this.#moment === last) this.#show(0);
    this.#play.textContent = 'Pause';
    const next = () => {
      if (!this.#training) return;
      const wait = this.#training.moments[this.#moment].epoch ? LATE : EARLY;
      this.#timer = window.setTimeout(() => {
        if (!this.#play.checkVisibility()) return this.#stop();
        this.#show(this.#moment + 1);
        return this.#moment < last ? next() : this.#stop();
      }, wait);
    };
    next();
  }

  #stop() {
    if (this.#timer) this.#status.textContent = this.#slider.getAttribute('aria-valuetext');
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#play.textContent = 'Play';
  }
}

/** This training beside the printed one, epoch by epoch. @param {Moment[]} moments @param {number[][]} log @returns {HTMLElement[]} */
function logElements(moments, log) {
  const table = make('table');
  const rows = [
    ['Epoch', ...log.map((_, i) => String(i + 1))],
    ['The original assignment', ...log.map(([, accuracy]) => accuracy.toFixed(2))],
    ['This training', ...log.map((_, i) => (moments.find(({ epoch }) => epoch === i + 1)?.test_accuracy ?? NaN).toFixed(2))],
  ];
  rows.forEach((row, y) => {
    const line = make('tr');
    row.forEach((text, x) => {
      const cell = make(x === 0 || y === 0 ? 'th' : 'td', text);
      if (x === 0 || y === 0) cell.setAttribute('scope', x === 0 ? 'row' : 'col');
      line.append(cell);
    });
    table.append(line);
  });
  const caption = make('caption', 'Percent of the test digits right, beside what the original assignment prints (rings on the curve). It prints six epochs.');
  table.prepend(caption);
  return [table];
}
