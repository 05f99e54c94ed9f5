/**
 * The card of what has been taught: the drawings, the bars of the current drawing before and after, and the price.
 * In:  the hand; readings; the file `test_features`, which is loaded for the price.
 * Out: elements; undo, forget, save and load.
 */

import { MODEL } from '../engine/constants.js';
import { answerOf } from '../engine/predict.js';
import { paintLevels } from '../pad/canvas.js';
import { dataOf } from '../pad/data.js';
import { ownNetwork } from '../pad/demo.js';
import { make, makeButton } from '../pad/dom.js';
import { certaintyOf, signsOf, stateOf } from '../pad/words.js';
import { makeBars, showBars } from './bars.js';
import { handOf, lostSentence, MAX_LENGTH, testDigitsRead, textOf } from './hand.js';

/** @typedef {import('../pad/demo.js').Reading} Reading */
/** @typedef {import('../pad/words.js').Judged} Judged */

const CLOSING =
  'A drawing that it was sure of before changes nothing. Your drawings are kept in this browser alone and never sent. While the page reads ' +
  'as you taught it, no server checks its answers: a server knows only the network as it was.';

/** @param {number} right @param {number} count */
const share = (right, count) => `${((100 * right) / count).toFixed(2)} %`;

export class Card {
  root = make('section', '', 'teach-card');
  /** @type {Reading | null} */
  #reading = null;
  /** Counts changes, so that a price that comes late is dropped. */
  #version = 0;
  #title = make('h2');
  #drawings = make('div', '', 'teach-drawings');
  #before = new Bars('Before');
  #after = new Bars('Now');
  #bars = make('div', '', 'teach-bars');
  #price = make('dl', '', 'teach-price');
  #other = makeButton('Read with it again', 'play-button');
  #undo = makeButton('Undo', 'play-button');
  #forget = makeButton('Forget everything', 'play-button');
  #save = makeButton('Save to a file', 'play-button');
  #time = make('p', '', 'teach-small');
  #hand;
  #tell;

  /** @param {import('./teach.js').Hand} hand @param {(sentence: string) => void} tell */
  constructor(hand, tell) {
    this.#hand = hand;
    this.#tell = tell;
    this.#bars.append(this.#before.root, this.#after.root);
    const buttons = make('div', '', 'teach-buttons');
    buttons.append(this.#other, this.#undo, this.#forget, this.#save, this.#loadButton());
    this.root.append(this.#title, this.#drawings, this.#bars, this.#price, buttons, this.#time, make('p', CLOSING, 'teach-small'));
    this.#other.addEventListener('click', () => hand.use());
    this.#undo.addEventListener('click', () => tell(hand.undo() || 'Undone.'));
    this.#forget.addEventListener('click', () => tell(hand.change([]) || 'Forgotten. The network is as it was.'));
    this.#save.addEventListener('click', () => this.#saveFile());
  }

  /** What has been taught has changed. */
  show() {
    const { kept, canUndo, time, teacher } = this.#hand;
    const none = kept.length === 0;
    this.#version += 1;
    this.root.classList.toggle('teach-none', none);
    this.#title.textContent = none ? 'It has learned nothing of you yet' : `Learned from ${kept.length} of yours`;
    this.#undo.hidden = !canUndo;
    this.#forget.hidden = this.#save.hidden = none;
    this.#time.textContent = none ? '' : `Its last layer, ${teacher.shipped.length * teacher.shipped[0].length} of its numbers, was fitted here in ${Math.max(1, Math.round(time))} ms.`;
    this.#showDrawings();
    if (this.#reading) this.compare(this.#reading);
    this.#showPrice();
  }

  #showDrawings() {
    const { kept, teacher } = this.#hand;
    this.#drawings.replaceChildren(
      ...kept.map((each, i) => {
        const button = makeButton('', 'teach-drawing');
        button.setAttribute('aria-label', `Forget this ${each.digit}`);
        button.title = 'Forget this one';
        const canvas = make('canvas');
        paintLevels(canvas, teacher.know(each).seen, MODEL.IMAGE_SIZE);
        button.append(canvas, make('b', String(each.digit)));
        button.addEventListener('click', () => this.#tell(this.#hand.change(kept.filter((_, j) => j !== i)) || 'Forgotten.'));
        return button;
      }),
    );
  }

  /** Bars of the current drawing before and after. @param {Reading} reading */
  compare(reading) {
    if (!reading.ended) return;
    this.#reading = reading;
    const { digit, network } = reading;
    const own = ownNetwork();
    const taught = this.#hand.network;
    this.#bars.hidden = !digit || !taught;
    this.#other.hidden = !taught || network.description.crc32 === taught.description.crc32;
    if (!digit || !taught || !own) return;
    this.#before.show(answerOf(own, digit.seen));
    this.#after.show(answerOf(taught, digit.seen));
  }

  async #showPrice() {
    const { kept, teacher, layer } = this.#hand;
    const version = this.#version;
    if (!kept.length) {
      this.#price.replaceChildren();
      return;
    }
    const own = row('Your drawings, each judged by what the others taught');
    const mnist = row('MNIST’s test digits, which other people wrote');
    this.#price.replaceChildren(...(kept.length > 1 ? own.parts : []), ...mnist.parts); // one has no others
    let [before, after] = [0, 0];
    for (const each of kept) {
      before += Number(teacher.reads(teacher.shipped, each));
      after += Number(teacher.reads(teacher.fit(kept.filter((other) => other !== each)), each));
      await new Promise((go) => setTimeout(go)); // a fit each; the pad goes on meanwhile
      if (version !== this.#version) return;
    }
    own.say(`${before} of ${kept.length}`, `${after} of ${kept.length}`);
    try {
      const packed = await dataOf('test_features');
      if (version !== this.#version) return;
      if (packed.about.crc32 !== ownNetwork()?.description.crc32) throw new Error('It is of another network.');
      const digits = testDigitsRead(packed, teacher.shipped, layer);
      mnist.say(share(digits.before, digits.count), share(digits.after, digits.count));
    } catch {
      mnist.say('unknown', 'unknown');
    }
  }

  #saveFile() {
    const link = make('a');
    link.href = URL.createObjectURL(new Blob([textOf(this.#hand.kept)], { type: 'application/json' }));
    link.download = 'my-hand.json';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  #loadButton() {
    const label = make('label', 'Load from a file', 'play-button teach-load');
    const input = make('input', '', 'unseen');
    input.type = 'file';
    input.accept = '.json,application/json';
    input.addEventListener('change', async () => {
      const file = input.files?.[0];
      input.value = '';
      if (!file) return;
      try {
        const { kept, lost } = handOf(file.size > MAX_LENGTH ? '' : await file.text());
        const sentence = this.#hand.change(kept);
        this.#tell([kept.length === 1 ? 'One drawing loaded.' : `${kept.length} drawings loaded.`, lostSentence(lost), sentence].filter(Boolean).join(' '));
      } catch (error) {
        this.#tell(error instanceof Error ? error.message : String(error));
      }
    });
    label.append(input);
    return label;
  }
}

/** A row of the price. @param {string} title */
function row(title) {
  const value = make('dd', '…');
  const say = (/** @type {string} */ before, /** @type {string} */ after) => {
    value.replaceChildren(make('span', before), make('span', ' → ', 'teach-arrow'), make('b', after));
  };
  return { parts: [make('dt', title), value], say };
}

/** Ten bars and what they say. */
class Bars {
  root = make('figure');
  #bars = make('div', '', 'play-bars');
  #sign = make('b');
  #words = make('span');

  /** @param {string} name */
  constructor(name) {
    const caption = make('figcaption');
    caption.append(make('span', name, 'teach-when'), this.#sign, this.#words);
    this.#bars.setAttribute('aria-hidden', 'true'); // the caption says it
    makeBars(this.#bars);
    this.root.append(caption, this.#bars);
  }

  /** @param {Judged} judged */
  show(judged) {
    [this.#sign.textContent] = signsOf([judged]);
    this.#sign.className = stateOf(judged);
    this.#words.textContent = certaintyOf(judged);
    showBars(this.#bars, judged);
  }
}
