/**
 * The tab *Play*: parts that load when they are opened.
 * In:  the readings of `demo.js`.
 * Out: a part of `play.html` each, from a module of its own.
 */

import { exampleOf } from '../inside/example.js';
import { Part } from '../inside/part.js';
import { SmallPad } from '../inside/smallpad.js';
import { sentenceOf } from '../pad/data.js';
import { onReading } from '../pad/demo.js';
import { find, make } from '../pad/dom.js';
import { certaintyOf, signsOf, stateOf } from '../pad/words.js';

/** @typedef {import('../inside/inside.js').Answered} Answered */

/** @type {Record<string, () => Promise<{mount: (body: HTMLElement) => void | Promise<void>}>>} */
const PARTS = {
  learn: () => import('./learn.js'),
  ablate: () => import('./ablate.js'),
  fool: () => import('./fool.js'),
  challenge: () => import('./challenge.js'),
};

/** @type {((reading: Answered) => void)[]} */
const listeners = [];
/** @type {Answered | null} */
let latest = null;

/** Call `listener` at once and whenever the drawing, or the selected digit, changes; also while the pen moves. @param {(reading: Answered) => void} listener */
export function onAnswer(listener) {
  listeners.push(listener);
  if (latest) listener(latest);
}

/** @param {HTMLElement} root holds what `play.html` has */
export function mountPlay(root) {
  const pad = new SmallPad(find(root, '.small-pad', HTMLElement));
  const now = find(root, '.play-now', HTMLElement);
  const clear = find(root, '.play-clear', HTMLButtonElement);
  clear.addEventListener('click', () => pad.clear());
  const all = new Part(root, (reading) => listeners.forEach((listener) => listener(reading)), { live: true });
  onReading((reading) => {
    const { digit } = reading;
    latest = digit ? { ...reading, digit, example: false } : exampleOf(reading);
    pad.show(latest.strokes, latest.example);
    clear.disabled = latest.example;
    const sign = make('b', signsOf([latest.digit])[0], stateOf(latest.digit));
    now.replaceChildren(sign, latest.example ? 'An example' : certaintyOf(latest.digit));
    all.offer(latest);
  });
  for (const part of root.querySelectorAll('details')) {
    const body = make('div', '', 'play-body');
    part.append(body);
    const follow = () => {
      if (part.open && !body.hasChildNodes()) open(part.dataset.part ?? '', body);
    };
    part.addEventListener('toggle', follow);
    follow(); // it may have been opened before this module came
  }
}

/** @param {string} name of a part @param {HTMLElement} body which is empty */
async function open(name, body) {
  const part = body.closest('details');
  const trouble = part?.querySelector('.play-trouble');
  const wait = make('p', 'Loading …', 'play-wait');
  wait.setAttribute('role', 'status');
  body.append(wait);
  try {
    const { mount } = await PARTS[name]();
    await mount(body);
    wait.remove();
    trouble?.replaceChildren();
  } catch (error) {
    body.replaceChildren(); // so that it can be opened again
    part?.removeAttribute('open');
    trouble?.replaceChildren(sentenceOf(error));
  }
}
