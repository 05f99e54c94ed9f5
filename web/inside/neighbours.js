/**
 * The training digits that are most like the drawing, in the network's own numbers.
 * In:  readings that have ended; the training digits that `mnist_cnn/training/exemplars.py` chose.
 * Out: the six nearest with their labels, and how near that is.
 */

import { fromFourBits } from '../engine/fourbits.js';
import { nearest, shareNearer } from '../engine/neighbours.js';
import { MODEL } from '../engine/constants.js';
import { newCanvas, paintLevels } from '../pad/canvas.js';
import { dataOf } from '../pad/data.js';
import { ownNetwork } from '../pad/demo.js';
import { make } from '../pad/dom.js';
import { stateOf } from '../pad/words.js';
import { lastMaps } from './maps.js';

/** @typedef {import('./inside.js').Answered} Answered */
/** @typedef {import('../pad/data.js').Packed} Packed */

const { IMAGE_SIZE } = MODEL;
const SHOWN = 6;
/** Of the usual distances, the middle nine tenths count as usual. */
const [LOW, HIGH] = [0.05, 0.95];
const OTHER = 'The distances were measured for the page’s own network. Let it read again to see them.';

/** @param {HTMLElement} body @returns {Promise<Neighbours>} rejects with a sentence when the data cannot be loaded */
export async function openNeighbours(body) {
  return new Neighbours(body, await dataOf('neighbours'));
}

export class Neighbours {
  #list = make('ol', '', 'near-list');
  #line = make('div', '', 'near-line');
  #words = make('p', '', 'near-words');

  #about;
  #images;
  #labels;
  #sources;
  #known;
  #usual;

  /** @param {HTMLElement} body @param {Packed} packed */
  constructor(body, { about, arrays }) {
    const { features, scales, labels, sources, pixels, usual } = arrays;
    const size = scales.values.length;
    this.#about = about;
    this.#known = Float32Array.from(features.values, (level, i) => level * scales.values[i % size]);
    this.#images = fromFourBits(pixels.values);
    this.#labels = labels.values;
    this.#sources = sources.values;
    this.#usual = usual.values;
    this.#words.setAttribute('role', 'status');
    this.#line.setAttribute('aria-hidden', 'true');
    this.#line.innerHTML = '<i class="near-usual"></i><i class="near-here"></i><span>nearer</span><span class="near-name">usual</span><span>farther</span>';
    const note =
      `Near means: alike in the ${size} numbers that the scores are made of, not pixel by pixel. The network was trained on ` +
      `${about.of.toLocaleString('en')} digits; these are from ${labels.values.length.toLocaleString('en')} of them, chosen to stand for all.`;
    body.replaceChildren(this.#list, this.#words, this.#line, make('p', note, 'near-note'));
  }

  /** @param {Answered} reading */
  show(reading) {
    const own = ownNetwork();
    const fits = reading.network === own && own.description.crc32 === this.#about.crc32;
    this.#list.hidden = this.#line.hidden = !fits;
    if (!fits) {
      this.#words.textContent = OTHER;
      return;
    }
    const found = nearest(lastMaps(reading).data, this.#known, SHOWN);
    this.#list.replaceChildren(...found.map(({ place }) => this.#tile(place)));
    const [{ distance }] = found;
    const usual = this.#usual;
    const at = (/** @type {number} */ share) => usual[Math.round(share * (usual.length - 1))];
    const most = Math.max(distance, at(1)) * 1.02;
    const { style } = this.#line;
    style.setProperty('--low', String(at(LOW) / most));
    style.setProperty('--high', String(at(HIGH) / most));
    style.setProperty('--here', String(distance / most));
    this.#words.textContent = this.#sentence(reading, shareNearer(distance, usual));
  }

  /** @param {number} place of a training digit */
  #tile(place) {
    const canvas = newCanvas(IMAGE_SIZE, IMAGE_SIZE);
    paintLevels(canvas, this.#images[place], IMAGE_SIZE);
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `A training digit, labelled ${this.#labels[place]}`);
    const item = make('li');
    item.append(canvas, make('b', String(this.#labels[place])), make('span', this.#about.sources[this.#sources[place]]));
    return item;
  }

  /** @param {Answered} reading @param {number} nearer the share of usual digits that are nearer to theirs */
  #sentence({ digit, example }, nearer) {
    const whose = example ? 'The example' : 'Your drawing';
    const people = `the ${this.#usual.length.toLocaleString('en')} digits of ${this.#about.writers} people it was not trained on`;
    const refused = stateOf(digit) === 'refused';
    if (nearer < 0.5) return `${whose} is nearer to a training digit than ${inWords(1 - nearer)} ${people}.${refused ? ' It was refused all the same.' : ''}`;
    const than = nearer === 1 ? `any of ${people}` : `${inWords(nearer)} ${people}`;
    return `${whose} is farther from every training digit than ${than}.${refused && nearer > HIGH ? ' That fits: it was refused.' : ''}`;
  }
}

/** @param {number} share at least a half */
function inWords(share) {
  if (share > 0.99) return '99 in 100 of';
  return share >= 0.6 ? `${Math.floor(10 * share)} in 10 of` : 'half of';
}
