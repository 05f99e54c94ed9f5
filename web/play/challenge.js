/**
 * Challenge it: 0 to 9 against the clock; a digit that the visitor reads and the network does not.
 * In:  a larger pad, on which one draws as on the others; readings.
 * Out: one challenge at a time, and cards to send.
 */

import { SmallPad } from '../inside/smallpad.js';
import { currentPad } from '../pad/demo.js';
import { find, makeButton } from '../pad/dom.js';
import { paletteOf, pictureOf, ShareDialog } from '../pad/share.js';
import { Clock } from './clock.js';
import { Dispute } from './dispute.js';
import { onAnswer } from './play.js';
import { loadScores } from './scores.js';

/** @typedef {import('../inside/inside.js').Answered} Answered */
/** @typedef {import('../pad/card.js').Palette} Palette */
/**
 * @typedef {object} Game
 * @property {HTMLElement} root
 * @property {() => void} enter it has been chosen
 * @property {() => void} penDown on the larger pad
 * @property {(reading: Answered) => void} follow
 * @property {string} hint on the empty pad
 */
/** @typedef {(paint: (palette: Palette) => Uint8Array, alt: string, link: string) => Promise<void>} Send  a card */

const DAMAGED = 'The scores that this browser kept are damaged, so they start anew.';
const CHALLENGE = `<div class="play-choice" role="group" aria-label="Which challenge"></div>
  <div class="challenge-arena">
    <div class="small-pad challenge-pad">
      <canvas tabindex="0" role="application" aria-roledescription="drawing pad" aria-label="Draw for the challenge" aria-describedby="pad-help"></canvas>
      <p class="small-pad-hint" aria-hidden="true"></p><p class="unseen" role="status"></p>
    </div>
    <div class="challenge-tools">
      <button type="button" class="play-button challenge-undo">Undo</button>
      <button type="button" class="play-button challenge-clear">Clear</button>
    </div>
    <div class="challenge-side"></div>
  </div>
  <p class="challenge-kept">Scores stay in this browser. </p>`;

class ChallengePad extends SmallPad {
  /** Called before the pen touches the paper. */
  onDown = () => {};

  /** @param {import('../pad/strokes.js').Point} point @param {boolean} eraser */
  down(point, eraser) {
    this.onDown();
    super.down(point, eraser);
  }
}

/** @param {HTMLElement} body */
export function mount(body) {
  body.insertAdjacentHTML('beforeend', CHALLENGE);
  const { damaged } = loadScores();
  if (damaged) find(body, '.challenge-kept', HTMLElement).append(DAMAGED);
  const arena = find(body, '.challenge-arena', HTMLElement);
  const pad = new ChallengePad(find(arena, '.small-pad', HTMLElement));
  const hint = find(arena, '.small-pad-hint', HTMLElement);
  const send = sender(body);
  /** @type {Game | undefined} */
  let game;
  const refresh = () => { hint.textContent = game?.hint ?? ''; };
  /** @type {[string, Game][]} */
  const games = [['0 to 9 against the clock', new Clock(send, refresh)], ['You say 7, it says something else', new Dispute(send, refresh)]];
  const choose = (/** @type {Game} */ chosen) => {
    game = chosen;
    find(arena, '.challenge-side', HTMLElement).replaceChildren(game.root);
    buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(games[i][1] === game)));
    refresh();
  };
  const buttons = games.map(([name, each]) => {
    const button = makeButton(name);
    button.addEventListener('click', () => { choose(each); each.enter(); });
    return button;
  });
  find(body, '.play-choice', HTMLElement).append(...buttons);
  choose(games[0][1]);
  pad.onDown = () => game?.penDown();
  find(arena, '.challenge-undo', HTMLElement).addEventListener('click', () => currentPad()?.undo());
  find(arena, '.challenge-clear', HTMLElement).addEventListener('click', () => currentPad()?.clear());
  onAnswer((reading) => {
    if (!body.checkVisibility()) return;
    pad.show(reading.example ? [] : reading.strokes, false);
    arena.classList.toggle('challenge-empty', reading.example);
    game?.follow(reading);
  });
}

/** Cards are sent from a dialog like that of the tab *Draw*, which is out of view here. @param {HTMLElement} body @returns {Send} */
function sender(body) {
  /** @type {ShareDialog | null} */
  let dialog = null;
  return async (paint, alt, link) => {
    if (!dialog) {
      const copy = /** @type {HTMLDialogElement} */ (find(document.body, 'dialog.share', HTMLDialogElement).cloneNode(true));
      const title = find(copy, 'h2', HTMLElement);
      title.textContent = 'Send this card';
      title.id = 'challenge-share';
      copy.setAttribute('aria-labelledby', title.id);
      body.append(copy);
      dialog = new ShareDialog(copy);
    }
    await dialog.open({ picture: await pictureOf(paint(paletteOf(body))), alt, link, note: '' });
  };
}
