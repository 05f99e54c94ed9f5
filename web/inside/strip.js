/**
 * The strip that stays in view: a pad to draw on, and everything that follows from the drawing, in small.
 * In:  readings, also while the pen moves.
 * Out: the 28 × 28 pixels, the strongest map of every stage, the averages and ten bars.
 */

import { digitOf } from '../engine/cnn.js';
import { MODEL } from '../engine/constants.js';
import { paintLevels } from '../pad/canvas.js';
import { find, make, makeButton } from '../pad/dom.js';
import { percent } from '../pad/format.js';
import { wantsLessMotion } from '../pad/pad.js';
import { stateOf } from '../pad/words.js';
import { paintMaps, paintSquares } from './colours.js';
import { alike, lastMaps, mapOf, mapsOf, meansOf, shownStages, strongest } from './maps.js';
import { SmallPad } from './smallpad.js';

/** @typedef {import('./inside.js').Answered} Answered */

const { IMAGE_SIZE, CLASSES } = MODEL;
/** Averages side by side. */
const COLUMNS = 8;

export class Strip {
  /** @type {{layer: string, canvas: HTMLCanvasElement}[]} one per stage */
  #thumbnails = [];

  /** @type {import('../engine/cnn.js').Description | null} of the network whose stages are shown */
  #description = null;

  #pad;
  #maps;
  #seen;
  #means;
  #bars;
  #clear;

  /** @param {HTMLElement} root the strip of `inside.html` */
  constructor(root) {
    this.root = root;
    this.#pad = new SmallPad(find(root, '.small-pad', HTMLElement));
    this.#maps = find(root, '.strip-maps', HTMLElement);
    this.#seen = find(root, '.strip-seen canvas', HTMLCanvasElement);
    this.#means = find(root, '.strip-means', HTMLElement);
    this.#bars = find(root, '.strip-bars div', HTMLElement);
    for (let digit = 0; digit < CLASSES; digit += 1) {
      const bar = make('span');
      bar.append(make('i'), make('b', String(digit)));
      this.#bars.append(bar);
    }
    this.#clear = find(root, '.strip-clear', HTMLButtonElement);
    this.#clear.addEventListener('click', () => {
      this.#pad.clear();
      this.#pad.canvas.focus({ preventScroll: true });
    });
  }

  /** @param {Answered} reading */
  show(reading) {
    const { digit, strokes, example } = reading;
    if (!alike(reading.network.description, this.#description)) this.#thumbnails = this.#makeThumbnails(reading);
    this.#clear.disabled = example;
    this.#pad.show(strokes, example);
    paintLevels(this.#seen, digit.seen, IMAGE_SIZE);
    for (const { layer, canvas } of this.#thumbnails) {
      const maps = mapsOf(reading, layer);
      paintMaps(canvas, mapOf(maps, strongest(reading, layer)[0]), maps.size, 1);
    }
    const means = meansOf(lastMaps(reading));
    const canvas = find(this.#means, 'canvas', HTMLCanvasElement);
    paintSquares(canvas, means, COLUMNS);
    canvas.setAttribute('aria-label', `The averages of the ${means.length} last maps`);
    find(this.#means, 'span', HTMLElement).textContent = `${means.length} averages`;
    this.#showBars(reading);
  }

  /** @param {Answered} reading */
  #makeThumbnails({ network: { description } }) {
    this.#description = description;
    for (const { canvas } of this.#thumbnails) canvas.parentElement?.remove();
    return shownStages(description).map(({ name, layers }, place) => {
      const button = makeButton('', 'strip-item strip-map');
      button.setAttribute('aria-label', `${name}: the strongest map. Go to this stage.`);
      const canvas = make('canvas');
      button.append(canvas, make('span', name));
      button.addEventListener('click', () => {
        const stage = document.querySelectorAll('.stage-list details')[place];
        stage?.scrollIntoView({ behavior: wantsLessMotion() ? 'auto' : 'smooth', block: 'start' });
      });
      this.#maps.append(button);
      return { layer: layers[layers.length - 1], canvas };
    });
  }

  /** @param {Answered} reading */
  #showBars({ digit, ended }) {
    const { probabilities } = digit.judgement;
    const top = digitOf(digit.result);
    const refused = stateOf(digit) === 'refused';
    [...this.#bars.children].forEach((bar, i) => {
      /** @type {HTMLElement} */ (bar).style.setProperty('--share', String(probabilities[i]));
      bar.classList.toggle('strip-top', i === top && !refused);
    });
    if (!ended) return;
    this.#bars.setAttribute('aria-label', refused ? 'Not a digit' : `Probabilities: ${top}, ${percent(probabilities[top])}`);
  }
}
