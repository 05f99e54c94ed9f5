/**
 * Break it: channels of the network are switched off, and everything behind them changes.
 * In:  the readings of `play.js`; what `python -m mnist_cnn.play` measured; clicks on the tiles of `wall.js`.
 * Out: the maps, the answer before and after, and how many test digits such a network reads.
 */

import { interval, runWithout } from '../engine/ablation.js';
import { digitOf, standardise } from '../engine/cnn.js';
import { judge, rotate } from '../engine/confidence.js';
import { CONFIDENCE, MODEL } from '../engine/constants.js';
import { dataOf } from '../pad/data.js';
import { ownNetwork } from '../pad/demo.js';
import { find, make } from '../pad/dom.js';
import { percent } from '../pad/format.js';
import { certaintyOf, signsOf, stateOf } from '../pad/words.js';
import { workerUrl } from '../pad/workers.js';
import { makeBars, showBars } from './bars.js';
import { onAnswer } from './play.js';
import { Wall } from './wall.js';

/** @typedef {import('../inside/inside.js').Answered} Answered */
/** @typedef {import('../engine/cnn.js').Network} Network */
/** @typedef {import('../engine/cnn.js').Result} Result */
/** @typedef {import('../engine/ablation.js').Off} Off */
/** @typedef {import('./wall.js').Channel} Channel */
/** @typedef {import('./counter.js').Count} Count */
/** @typedef {{crc32: number, n: number, right: number, without: Record<string, number[]>}} Measured */

const { CLASSES } = MODEL;
/** Milliseconds of computing between two frames. */
const SLICE = 12;
/** So many of the channels that the answer needs most are numbered. */
const RANKED = 5;
/** Milliseconds until the test digits are counted: a visitor who presses quickly wants the last count only. */
const PATIENCE = 250;
const HTML = `
  <div class="ablate-panel">
    <div class="ablate-top">
      <div class="ablate-answer" aria-live="polite"><b></b><p><span class="ablate-now"></span><span class="ablate-was"></span></p></div>
      <div class="play-bars"></div>
      <p class="ablate-count" aria-live="polite"></p>
    </div>
    <div class="ablate-buttons">
      <button type="button" class="play-button play-main ablate-most">What does it need most?</button>
      <button type="button" class="play-button ablate-but" title="Switch off every other channel of its row">Switch off all but this</button>
      <button type="button" class="play-button ablate-on">Switch all on</button>
      <p class="ablate-most-words" role="status"></p>
    </div>
  </div>`;
const NOTE =
  'Each tile is a channel: the map of one filter on your drawing, after the ReLU. Off means that all its numbers are 0. ' +
  'With one channel off, the share was measured once, on all test digits of MNIST. With several it is counted now, in your browser, ' +
  'on some of them, which were drawn by lot.';
const UNKNOWN = 'How many test digits such a network reads is not known: the data could not be loaded.';

/** @param {HTMLElement} body */
export async function mount(body) {
  const measured = await dataOf('channels').catch(() => null); // nothing was measured of a network of one's own
  new Ablate(body, measured?.about ?? null);
}

class Ablate {
  /** @type {Off} */
  #off = new Map();
  /** @type {Answered | null} */
  #reading = null;
  /** With what is off. @type {Result | null} */
  #result = null;
  /** The number of the search for what the answer needs most; a new drawing ends it. */
  #search = 0;
  /** The number of the question that the worker answers. */
  #asked = 0;
  /** @type {Worker | null} */
  #worker = null;
  /** What the worker knows. @type {Network | null} */
  #known = null;
  #timer = 0;

  #root;
  #measured;
  #wall;

  /** @param {HTMLElement} body @param {Measured | null} measured of the page's own network */
  constructor(body, measured) {
    this.#root = body;
    this.#measured = measured;
    this.#wall = new Wall((channel) => this.#toggle(channel), () => this.#enable());
    const panel = make('div', '', 'ablate');
    panel.innerHTML = HTML;
    panel.prepend(this.#wall.element);
    body.append(panel, make('p', NOTE, 'ablate-note'));
    makeBars(this.#part('.play-bars'));
    this.#part('.ablate-on').addEventListener('click', () => this.#set(new Map()));
    this.#part('.ablate-but').addEventListener('click', () => this.#allBut());
    this.#part('.ablate-most').addEventListener('click', () => this.#findMost());
    const details = body.closest('details');
    onAnswer((reading) => {
      this.#reading = reading;
      if (details?.open ?? true) this.#show();
    });
    details?.addEventListener('toggle', () => details.open && this.#show());
  }

  /** @param {string} selector */
  #part(selector) {
    return find(this.#root, selector, HTMLElement);
  }

  #show() {
    const reading = this.#reading;
    if (!reading) return;
    const { network, digit } = reading;
    if (this.#known !== network) {
      this.#known = network;
      this.#off = new Map();
      this.#wall.mount(network.description);
      this.#worker?.terminate();
      this.#worker = null;
      this.#count();
    }
    this.#search += 1;
    this.#wall.rank();
    this.#part('.ablate-most-words').textContent = '';
    this.#result = runWithout(network, digit.result, this.#off);
    this.#wall.show(this.#result, digit.result, this.#off);
    this.#showAnswer(reading, this.#result);
    this.#enable();
  }

  #enable() {
    const count = this.#number();
    /** @type {HTMLButtonElement} */ (this.#part('.ablate-on')).disabled = count === 0;
    /** @type {HTMLButtonElement} */ (this.#part('.ablate-but')).disabled = this.#wall.current === null;
  }

  /** How many channels are off. */
  #number() {
    return [...this.#off.values()].reduce((sum, channels) => sum + channels.size, 0);
  }

  /** @param {Channel} channel */
  #toggle({ layer, channel }) {
    const off = new Map(this.#off);
    const channels = new Set(off.get(layer));
    if (!channels.delete(channel)) channels.add(channel);
    off.set(layer, channels);
    this.#set(off);
  }

  #allBut() {
    const kept = this.#wall.current;
    const maps = kept && this.#result?.activations.get(kept.layer);
    if (!kept || !maps) return;
    const others = Array.from({ length: maps.channels }, (_, channel) => channel).filter((channel) => channel !== kept.channel);
    this.#set(new Map(this.#off).set(kept.layer, new Set(others)));
  }

  /** @param {Off} off */
  #set(off) {
    this.#off = off;
    this.#show();
    this.#count();
  }

  /** @param {Answered} reading @param {Result} result */
  #showAnswer({ network, digit, ended }, result) {
    this.#part('.ablate-answer').setAttribute('aria-live', ended ? 'polite' : 'off'); // not while the pen moves
    const now = answerWithout(network, digit.seen, result, this.#off);
    const changed = this.#number() > 0;
    const sign = this.#part('.ablate-answer b');
    [sign.textContent] = signsOf([now]);
    sign.className = stateOf(now);
    this.#part('.ablate-now').textContent = certaintyOf(now);
    this.#part('.ablate-was').textContent = changed ? `With all channels on: ${inShort(digit)}` : 'With all channels on';
    showBars(this.#part('.play-bars'), now, digit);
  }

  /** Say how many test digits are read with these channels off; count them if that has not been measured. */
  #count() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    const own = ownNetwork();
    const known = own && this.#known === own && own.description.crc32 === this.#measured?.crc32;
    const { n, right, without } = known && this.#measured ? this.#measured : { n: 0, right: 0, without: null };
    const all = `${percents(right / n)} of MNIST’s ${n.toLocaleString('en')} test digits`;
    const off = [...this.#off].flatMap(([layer, channels]) => [...channels].map((channel) => ({ layer, channel })));
    if (without && off.length === 0) {
      this.#say(`With all channels on, the network reads <b>${all}</b>. Switch one off.`);
    } else if (without && off.length === 1) {
      const [{ layer, channel }] = off;
      this.#say(`Without this channel it reads <b>${percents(without[layer][channel] / n)}</b> instead of ${all}.`);
    } else {
      this.#say(`${subject(off.length)} it reads <b>…</b>`, false);
      this.#timer = window.setTimeout(() => this.#ask(off.length), PATIENCE);
    }
  }

  /** @param {string} html @param {boolean} [aloud] to a screen reader */
  #say(html, aloud = true) {
    this.#part('.ablate-count').setAttribute('aria-live', aloud ? 'polite' : 'off');
    this.#part('.ablate-count').innerHTML = html;
  }

  /** @param {number} count of the channels that are off */
  async #ask(count) {
    const number = this.#asked;
    try {
      const { about, arrays } = await dataOf('test_digits');
      const network = this.#known;
      if (number !== this.#asked || !network) return;
      const isNew = this.#worker === null;
      const worker = (this.#worker ??= new Worker(workerUrl('play/counter.js'), { type: 'module' }));
      const given = { description: network.description, weights: network.weights, pixels: arrays.pixels.values, labels: arrays.labels.values };
      worker.onmessage = ({ data }) => {
        const found = /** @type {Count} */ (data);
        if (found.number === this.#asked) this.#showCount(found, count, about.of);
      };
      worker.onerror = () => this.#say('This browser cannot count beside the page, so the test digits are not read.');
      worker.postMessage({ number, given: isNew ? given : undefined, off: this.#off });
    } catch {
      if (number === this.#asked) this.#say(UNKNOWN);
    }
  }

  /** @param {Count} found @param {number} count of the channels that are off @param {number} of how many the digits were drawn by lot */
  #showCount({ right, n, ended }, count, of) {
    const { low, high } = interval(right, n);
    const digits = ended ? `${n.toLocaleString('en')} test digits` : `${n} test digits so far`;
    this.#say(
      `${subject(count)} it reads <b>${percent(right / n)}</b> of ${digits}; ` +
        `of all ${of.toLocaleString('en')}, ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}\u00a0% (95\u00a0% interval).`,
      ended,
    );
  }

  /** Try every channel that is on, and number those without which the answer becomes least likely. */
  async #findMost() {
    const reading = this.#reading;
    const whole = this.#result;
    if (!reading || !whole) return;
    this.#search += 1;
    const number = this.#search;
    const target = outputOf(answerWithout(reading.network, reading.digit.seen, whole, this.#off));
    /** @type {(Channel & {off: Off, result: Result})[]} */
    const found = [];
    let start = performance.now();
    for (const channel of this.#onChannels(whole)) {
      const off = new Map(this.#off).set(channel.layer, new Set(this.#off.get(channel.layer)).add(channel.channel));
      found.push({ ...channel, off, result: runWithout(reading.network, whole, off) });
      if (performance.now() - start < SLICE) continue;
      await new Promise(requestAnimationFrame);
      if (number !== this.#search) return;
      start = performance.now();
    }
    found.sort((a, b) => a.result.logProbs[target] - b.result.logProbs[target]);
    this.#wall.rank(found.slice(0, RANKED));
    if (found.length) this.#showMost(reading, whole, found[0], found.length);
  }

  /** @param {Answered} reading @param {Result} whole @param {Channel & {off: Off, result: Result}} most @param {number} tried */
  #showMost({ network, digit }, whole, most, tried) {
    const before = answerWithout(network, digit.seen, whole, this.#off);
    const after = answerWithout(network, digit.seen, most.result, most.off);
    this.#wall.choose(most);
    const still = digitOf(before.result) === digitOf(after.result) && stateOf(before) === stateOf(after);
    const name = `<b>${this.#wall.nameOf(most)}</b>`;
    this.#part('.ablate-most-words').innerHTML =
      (still
        ? `Of ${tried} channels, none is vital. It would miss ${name} most, and still read ${inShort(after)} without it.`
        : `Of ${tried} channels, it needs ${name} most. Without it: ${inShort(after)}.`) + ` The tiles 1 to ${RANKED} matter most.`;
  }

  /** The channels that are on. @param {Result} whole @returns {Channel[]} */
  #onChannels(whole) {
    return [...this.#wall.layers].flatMap((layer) =>
      Array.from({ length: whole.activations.get(layer)?.channels ?? 0 }, (_, channel) => ({ layer, channel })).filter(
        ({ channel }) => !this.#off.get(layer)?.has(channel),
      ),
    );
  }
}

/** What a network says without some channels. @param {Network} network @param {Uint8Array} seen @param {Result} result of `seen` without them @param {Off} off */
function answerWithout(network, seen, result, off) {
  const { description } = network;
  const rotated = (/** @type {number} */ degrees) =>
    runWithout(network, { input: standardise(description, rotate(seen, degrees)), activations: new Map() }, off);
  return { result, judgement: judge(description.confidence, result, rotated) };
}

/** The number of the output that gives the answer: that of the digit, or of “not a digit”. @param {import('../pad/words.js').Judged} answer */
function outputOf({ result, judgement: { verdict } }) {
  return verdict === CONFIDENCE.NOT_A_DIGIT && result.logProbs.length > CLASSES ? CLASSES : digitOf(result);
}

/** @param {import('../pad/words.js').Judged} judged */
function inShort(judged) {
  const [first, second] = judged.judgement.candidates;
  if (stateOf(judged) === 'refused') return 'not a digit';
  if (stateOf(judged) === 'doubtful') return `unsure, ${first} or ${second}`;
  return `${digitOf(judged.result)}, ${percent(judged.judgement.probabilities[digitOf(judged.result)])}`;
}

/** @param {number} count of channels */
function subject(count) {
  if (count === 0) return 'With all channels on,';
  return count === 1 ? 'Without this channel' : `Without these ${count} channels`;
}

/** @param {number} share */
const percents = (share) => `${(100 * share).toFixed(2)}\u00a0%`;
