/**
 * Ten bars of a part of *Play*.
 * In:  what the network says, or nothing, and perhaps what it said before.
 * Out: the bars of `.play-bars`; the digit that is read stands out, as in the answer.
 */

import { digitOf } from '../engine/cnn.js';
import { MODEL } from '../engine/constants.js';
import { find, make } from '../pad/dom.js';
import { percent } from '../pad/format.js';
import { stateOf } from '../pad/words.js';

/** @typedef {import('../pad/words.js').Judged} Judged */

/** @param {HTMLElement} root empty, of the class `play-bars` */
export function makeBars(root) {
  root.setAttribute('role', 'list');
  root.setAttribute('translate', 'no');
  for (let digit = 0; digit < MODEL.CLASSES; digit += 1) {
    const bar = make('span');
    bar.setAttribute('role', 'listitem');
    bar.innerHTML = `<i><span class="play-before"></span></i><b>${digit}</b>`;
    root.append(bar);
  }
}

/** @param {HTMLElement} root that `makeBars` has filled @param {Judged | null} answer null: empty bars @param {Judged} [before] a line in every bar */
export function showBars(root, answer, before) {
  const refused = !answer || stateOf(answer) === 'refused';
  [...root.children].forEach((each, digit) => {
    const bar = /** @type {HTMLElement} */ (each);
    const share = answer?.judgement.probabilities[digit] ?? 0;
    bar.style.setProperty('--share', String(share));
    bar.classList.toggle('play-top', !refused && digitOf(answer.result) === digit);
    bar.setAttribute('aria-label', refused ? `${digit}: not rated` : `${digit}: ${percent(share)}`);
    const line = find(bar, '.play-before', HTMLElement);
    line.hidden = !before;
    if (before) line.style.setProperty('--before', String(before.judgement.probabilities[digit]));
  });
}
