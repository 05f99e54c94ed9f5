/**
 * Teach it: it learns how one visitor writes, from the drawings of which the visitor says what they are.
 * In:  the drawing on the pad; what is kept in this browser, or in a file.
 * Out: the taught network, which the page reads with; a card that says what it has learned and what that costs.
 */

import { MODEL } from '../engine/constants.js';
import { groupLines } from '../engine/segmentation.js';
import { dataOf } from '../pad/data.js';
import { onReading, ownNetwork, useNetwork } from '../pad/demo.js';
import { make, makeButton } from '../pad/dom.js';
import { decodeStrokes, encodeStrokes } from '../pad/fragment.js';
import { pathsOf } from '../pad/read.js';
import { holdsPicture } from '../pad/strokes.js';
import { signsOf } from '../pad/words.js';
import { Guide } from './guide.js';
import { MOST, Teacher, imageOf, keepHand, keptHand } from './hand.js';
import { Card } from './handcard.js';
import { paintLevels } from '../pad/canvas.js';

/** @typedef {import('../pad/demo.js').Reading} Reading */
/** @typedef {import('../engine/cnn.js').Network} Network */
/** @typedef {import('./hand.js').Kept} Kept */
/** @typedef {import('../engine/teach.js').Layer} Layer */

const { CLASSES, IMAGE_SIZE } = MODEL;
const FULL = 'This browser keeps nothing for this page: what you teach lasts until it is closed. Save it to a file.';

/** What has been taught; one for the page. */
export class Hand {
  /** @type {Kept[]} */
  kept = [];
  /** @type {Layer} as fitted */
  layer;
  /** @type {Network | null} */
  network = null;
  /** Of the last fit, in milliseconds. */
  time = 0;
  /** To be told once. */
  sentence = '';
  /** @type {Kept[][]} */
  #past = [];
  /** @type {(() => void)[]} */
  #listeners = [];

  /** @param {Teacher} teacher */
  constructor(teacher) {
    this.teacher = teacher;
    this.layer = teacher.shipped;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  /** Call `listener` whenever something is taught or forgotten. @param {() => void} listener */
  onChange(listener) {
    this.#listeners.push(listener);
  }

  /** @param {Kept} kept @returns {string} a sentence */
  add(kept) {
    if (this.kept.length >= MOST) return `It keeps at most ${MOST} drawings. Forget one of them first.`;
    return this.change([...this.kept, kept]);
  }

  /** @param {Kept[]} kept in place of all that was taught @returns {string} a sentence when this browser does not keep it */
  change(kept) {
    this.#past.push(this.kept);
    return this.#take(kept);
  }

  undo() {
    const before = this.#past.pop();
    return before ? this.#take(before) : '';
  }

  /** @param {Kept[]} kept @returns {string} */
  #take(kept) {
    this.kept = kept;
    this.use();
    return keepHand(kept) ? '' : FULL;
  }

  /** The page reads with it from now on; with its own network when nothing has been taught. */
  use() {
    for (const each of this.kept) this.teacher.know(each);
    const start = performance.now();
    const count = this.kept.length;
    this.layer = count ? this.teacher.fit(this.kept) : this.teacher.shipped;
    this.time = performance.now() - start;
    this.network = count ? this.teacher.networkWith(this.layer) : null;
    const note = `Taught by you: learned from ${count} of your drawings.`;
    useNetwork(this.network && { description: this.network.description, weights: this.network.weights, note });
    for (const listener of this.#listeners) listener();
  }
}

/** @type {Promise<Hand> | null} */
let opened = null;

/** @returns {Promise<Hand>} rejects with a sentence */
function theHand() {
  opened ??= open().catch((error) => {
    opened = null; // so that it can be tried again
    throw error;
  });
  return opened;
}

async function open() {
  const [pull] = await Promise.all([dataOf('pull'), new Promise((ready) => onReading(ready))]);
  const own = ownNetwork();
  if (!own) throw new Error('There is no network to teach. Reload the page.');
  const hand = new Hand(new Teacher(own, pull));
  const { kept, sentence } = keptHand();
  hand.sentence = sentence;
  for (const each of kept) {
    hand.teacher.know(each);
    await new Promise((go) => setTimeout(go)); // the pad goes on meanwhile
  }
  hand.kept = kept;
  if (kept.length) hand.use();
  return hand;
}

/** Read with what was taught at an earlier visit. */
export async function resume() {
  await theHand();
}

/** @param {HTMLElement} body */
export async function mount(body) {
  body.append(make('p', 'Loading …', 'play-wait'));
  const hand = await theHand();
  const part = make('div', '', 'teach');
  const say = make('p', hand.sentence, 'teach-say');
  say.setAttribute('role', 'status');
  hand.sentence = '';
  const tell = (/** @type {string} */ sentence) => (say.textContent = sentence);
  const ask = new Ask((kept) => tell(hand.add(kept) || `Taught: this is a ${kept.digit}.`));
  const guide = new Guide((digit, strokes) => hand.add(keptOf(digit, strokes, null)), tell, (opens) => (ask.root.hidden = opens));
  const card = new Card(hand, tell);
  const left = make('div', '', 'teach-left');
  left.append(ask.root, guide.root, say);
  part.append(left, card.root);
  body.replaceChildren(part);
  hand.onChange(() => card.show());
  onReading((reading) => {
    if (!part.checkVisibility()) return;
    ask.show(reading);
    guide.follow(reading);
    card.compare(reading);
  });
  card.show();
}

/** The strokes as text, or the image where there are none, or too many. @param {number} digit @param {import('../pad/strokes.js').Stroke[]} strokes @param {ArrayLike<number> | null} seen @returns {Kept} */
function keptOf(digit, strokes, seen) {
  const draw = holdsPicture(strokes) ? '' : encodeStrokes(strokes);
  return seen && !(draw && decodeStrokes(draw)) ? { digit, image: imageOf(seen) } : { digit, draw };
}

/** The strokes of the selected digit; of a picture none. @param {Reading} reading */
function strokesOf({ network, strokes, digits, digit }) {
  if (!digit || holdsPicture(strokes)) return [];
  const groups = groupLines(pathsOf(strokes), network).flat();
  return groups.length === digits.length ? groups[digits.indexOf(digit)].map((i) => strokes[i]) : [];
}

/** What is the selected digit? */
class Ask {
  root = make('div', '', 'teach-ask');
  /** @type {Reading | null} */
  #reading = null;
  #seen = make('canvas', '', 'teach-seen');
  #question = make('p');
  #buttons;

  /** @param {(kept: Kept) => void} onTaught */
  constructor(onTaught) {
    this.#seen.setAttribute('aria-hidden', 'true');
    const group = make('div', '', 'teach-digits');
    group.setAttribute('role', 'group');
    group.setAttribute('aria-label', 'It is');
    this.#buttons = Array.from({ length: CLASSES }, (_, digit) => {
      const button = makeButton(String(digit), 'play-button');
      button.setAttribute('aria-label', `It is ${digit}`);
      button.addEventListener('click', () => {
        const reading = this.#reading;
        if (reading?.digit) onTaught(keptOf(digit, strokesOf(reading), reading.digit.seen));
      });
      return button;
    });
    group.append(...this.#buttons);
    const words = make('div');
    words.append(this.#question, group);
    this.root.append(this.#seen, words);
  }

  /** @param {Reading} reading */
  show(reading) {
    const { digit, ended } = reading;
    if (!ended) return;
    this.#reading = reading;
    paintLevels(this.#seen, digit?.seen ?? new Uint8Array(IMAGE_SIZE ** 2), IMAGE_SIZE);
    const [sign] = digit ? signsOf([digit]) : [''];
    const read = sign === '–' ? 'It does not take this for a digit.' : `It reads this as ${sign}.`;
    this.#question.textContent = digit ? `${read} What is it?` : 'Draw a digit on the pad and say here what it is.';
    for (const button of this.#buttons) button.disabled = !digit;
  }
}
