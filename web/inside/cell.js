/**
 * One cell of a map: where it looks on the drawing, and of what its value is made.
 * In:  a reading and a cell.
 * Out: the drawing with the cell's receptive field and the pixels that influence it, its map, enlarged, and its sum.
 */

import { receptiveBox } from '../engine/cnn.js';
import { MODEL } from '../engine/constants.js';
import { cellGradient } from '../engine/gradients.js';
import { paintLevels } from '../pad/canvas.js';
import { find, placeAt } from '../pad/dom.js';
import { fixed } from '../pad/format.js';
import { chooseCell } from './chosen.js';
import { paintGlow } from './colours.js';
import { mapOf, mapsOf } from './maps.js';
import { MapView } from './mapview.js';
import { sumElements } from './sums.js';

/** @typedef {import('./inside.js').Answered} Answered */
/** @typedef {import('./chosen.js').ChosenCell} ChosenCell */
/** @typedef {import('../engine/cnn.js').Description} Description */

const { IMAGE_SIZE } = MODEL;
/** The pixels that influence a cell most are counted until they make up this share of its squared gradient. */
const MOST = 0.9;

export class Cell {
  /** @type {MapView | null} of the map that holds the cell */
  #view = null;
  /** Layer and map of `#view`. */
  #shown = { name: '', map: -1 };

  #digit;
  #heat;
  #box;
  #map;
  #words;
  #field;
  #sum;
  #facts;

  /** @param {HTMLElement} root the panel of `inside.html` */
  constructor(root) {
    this.root = root;
    this.#digit = find(root, '.inside-digit', HTMLCanvasElement);
    this.#heat = find(root, '.inside-heat', HTMLCanvasElement);
    this.#box = find(root, '.inside-box', HTMLElement);
    this.#map = find(root, '.cell-map', HTMLElement);
    this.#words = find(root, '.inside-cell', HTMLElement);
    this.#field = find(root, '.cell-field', HTMLElement);
    this.#sum = find(root, '.cell-sum', HTMLElement);
    this.#facts = find(root, '.inside-row', HTMLElement);
  }

  /** @param {Answered} reading @param {ChosenCell} cell @param {number} most the value of its layer that has the full colour */
  show(reading, cell, most) {
    this.root.hidden = false;
    const { network, digit } = reading;
    const { name, map, row, column } = cell;
    paintLevels(this.#digit, digit.seen, IMAGE_SIZE);
    const field = receptiveBox(network.description, name, row, column);
    const [right, bottom] = [(field.right + 1) / IMAGE_SIZE, (field.bottom + 1) / IMAGE_SIZE];
    placeAt(this.#box, { left: field.left / IMAGE_SIZE, top: field.top / IMAGE_SIZE, right, bottom });
    const squares = cellGradient(network, digit.result, { name, channel: map, row, column }).map((slope) => slope * slope);
    paintGlow(this.#heat, squares.map(Math.sqrt));
    this.#showMap(reading, cell, most);
    const maps = mapsOf(reading, name);
    const value = mapOf(maps, map)[row * maps.size + column];
    this.#words.textContent = `${name}, map ${map + 1}, row ${row + 1}, column ${column + 1}: ${fixed(value)}`;
    this.#field.textContent = `The square on the drawing is its receptive field: ${fieldOf(network.description, name, field)}. ${influenceOf(squares)}.`;
    this.#sum.replaceChildren(...sumElements(reading, cell));
    this.#facts.textContent = factsOf(network.description, name);
  }

  /** @param {Answered} reading @param {ChosenCell} cell @param {number} most */
  #showMap(reading, { name, map, row, column }, most) {
    const maps = mapsOf(reading, name);
    if (!this.#view || this.#shown.name !== name) {
      this.#view?.element.remove();
      this.#view = new MapView(
        { count: 1, size: maps.size, columns: 1, label: 'The map that holds the chosen cell' },
        { onPoint: () => {}, onChoose: (chosen) => chooseCell({ name: this.#shown.name, ...chosen, map: this.#shown.map }) },
      );
      this.#map.prepend(this.#view.element);
    }
    this.#shown = { name, map };
    this.#view.show({ data: mapOf(maps, map), channels: 1, size: maps.size }, most);
    this.#view.outline({ map: 0, row, column });
    find(this.#map, 'figcaption', HTMLElement).textContent = `Map ${map + 1} of ${name}`;
  }
}

/** Its size, and why it is not that of other cells of the stage. @param {Description} description @param {string} name @param {ReturnType<typeof receptiveBox>} field */
function fieldOf({ table, stages = [] }, name, { left, top, right, bottom }) {
  const [width, height] = [right - left + 1, bottom - top + 1];
  const whole = rowOf(table, name)?.receptive_field ?? Math.max(width, height);
  const atEnd = rowOf(table, stages.find(({ layers }) => layers.includes(name))?.layers.slice(-1)[0])?.receptive_field ?? whole;
  const cut = Math.min(width, height) < whole ? ` (the rest of ${whole}×${whole} lies outside the picture)` : '';
  const pooled = atEnd > whole ? `; after the pooling that follows, ${atEnd}×${atEnd}` : '';
  return `${width}×${height} pixels${cut}${pooled}`;
}

/** How many pixels, strongest first, make up most of the squared gradient. @param {Float32Array} squares */
function influenceOf(squares) {
  const total = squares.reduce((sum, square) => sum + square, 0);
  if (!total) return 'None of them matters just now, because ReLU has made it 0';
  let sum = 0;
  const count = squares.slice().sort().reverse().findIndex((square) => (sum += square) >= MOST * total) + 1;
  return `The glowing ones matter most: changing the ink in ${count} of them makes ${100 * MOST} % of the difference (by the squared gradient)`;
}

/** @param {Description['table']} table @param {string} [name] of a layer */
const rowOf = (table, name) => table?.find((each) => each.name === name);

/** The layer's row of the table. @param {Description} description @param {string} name */
function factsOf({ table }, name) {
  const line = rowOf(table, name);
  if (!line) return '';
  const { kernel, stride, padding, jump } = line;
  const window = kernel === null ? [] : [`kernel ${kernel}×${kernel}`, `stride ${stride}`, `padding ${padding}`];
  return [
    ...window,
    `channels ${line.in_channels} → ${line.out_channels}`,
    `output ${line.out_size}×${line.out_size}`,
    `receptive field ${line.receptive_field}×${line.receptive_field}`,
    `jump ${jump}`,
    `${line.params.toLocaleString('en')} parameters`,
  ].join(' · ');
}
