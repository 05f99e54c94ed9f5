/**
 * The output of every layer for the drawing.
 * In:  the readings of `demo.js`.
 * Out: the feature maps of every layer; for the unit under the pointer or the keys its value, its receptive field on the digit, the
 *      pixels that influence it most, its layer's row of the table and its filters.
 */

import { receptiveBox } from '../engine/cnn.js';
import { MODEL } from '../engine/constants.js';
import { cellGradient } from '../engine/gradients.js';
import { paintLevels } from '../pad/canvas.js';
import { find, make, placeAt } from '../pad/dom.js';
import { fixed } from '../pad/format.js';
import { Grid, paintGlow, paintMaps } from './colours.js';

/** @typedef {import('./steps.js').Answered} Answered */
/** @typedef {import('../engine/cnn.js').Maps} Maps */
/** @typedef {import('../engine/cnn.js').Description} Description */
/** @typedef {{map: number, row: number, column: number}} Cell  of a layer's maps */

const { IMAGE_SIZE } = MODEL;
/** Maps side by side. */
const COLUMNS = 8;
/** The pixels that influence a unit most are counted until they make up this share of its squared gradient. */
const MOST = 0.9;
/** By map, row and column. @type {Record<string, [number, number, number]>} */
const MOVES = {
  ArrowLeft: [0, 0, -1], ArrowRight: [0, 0, 1], ArrowUp: [0, -1, 0], ArrowDown: [0, 1, 0], PageUp: [-1, 0, 0], PageDown: [1, 0, 0],
};

export class Layers {
  /** @type {Answered | null} */
  #reading = null;
  /** The frame in which the unit pointed at will be shown. */
  #frame = 0;

  #digit;
  #heat;
  #box;
  #words;
  #facts;
  #filters;
  #list;
  #invitation;

  /** @param {HTMLElement} root the section of `inside.html` */
  constructor(root) {
    this.#digit = find(root, '.inside-digit', HTMLCanvasElement);
    this.#heat = find(root, '.inside-heat', HTMLCanvasElement);
    this.#box = find(root, '.inside-box', HTMLElement);
    this.#words = find(root, '.inside-cell', HTMLElement);
    this.#facts = find(root, '.inside-row', HTMLElement);
    this.#filters = find(root, '.inside-filters', HTMLElement);
    this.#list = find(root, '.inside-layers', HTMLElement);
    this.#invitation = this.#words.textContent;
  }

  /** @param {Answered} reading */
  show(reading) {
    this.#reading = reading;
    this.#box.hidden = this.#filters.hidden = true;
    this.#words.textContent = this.#invitation;
    this.#facts.textContent = '';
    this.#heat.width = IMAGE_SIZE; // clears it
    paintLevels(this.#digit, reading.digit.seen, IMAGE_SIZE);
    const { layers } = reading.network.description;
    const names = layers.slice(0, layers.findIndex(({ kind }) => kind === 'flatten')).map(({ name }) => name);
    if (this.#list.children.length !== names.length) {
      this.#list.replaceChildren(...names.map((name) => this.#layerItem(reading, name)));
    }
    for (const canvas of this.#list.querySelectorAll('canvas')) {
      const { data, size } = mapsOf(reading, canvas.dataset.layer ?? '');
      paintMaps(canvas, data, size, COLUMNS);
    }
  }

  /** @param {Answered} reading @param {string} name */
  #layerItem(reading, name) {
    const { channels, size } = mapsOf(reading, name);
    const middle = Math.floor(size / 2);
    const { top, bottom } = receptiveBox(reading.network.description, name, middle, middle);
    const field = bottom - top + 1;
    const heading = make('p');
    heading.append(make('b', name), ` ${channels} feature maps of ${size}×${size}, receptive field ${field}×${field}`);
    const canvas = make('canvas');
    canvas.dataset.layer = name;
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'application');
    canvas.setAttribute('aria-label', `Feature maps of ${name}. Arrow keys move between units, Page Up and Page Down between maps.`);
    followUnit(canvas, new Grid(channels, size, COLUMNS), (cell) => this.#showSoon(name, cell));
    const item = make('li');
    item.append(heading, canvas);
    return item;
  }

  /** @param {string} name of a layer @param {Cell} cell */
  #showSoon(name, cell) {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      if (this.#reading) this.#showUnit(this.#reading, name, cell);
    });
  }

  /** @param {Answered} reading @param {string} name @param {Cell} cell */
  #showUnit(reading, name, { map, row, column }) {
    const { network, digit } = reading;
    const { data, size } = mapsOf(reading, name);
    const field = receptiveBox(network.description, name, row, column);
    this.#showBox(field);
    const gradient = cellGradient(network, digit.result, { name, channel: map, row, column });
    const strengths = gradient.map((slope) => slope * slope);
    paintGlow(this.#heat, strengths.map(Math.sqrt));
    const value = fixed(data[(map * size + row) * size + column], 3);
    const pixels = (field.bottom - field.top + 1) * (field.right - field.left + 1);
    this.#words.textContent =
      `${name}, map ${map + 1}, row ${row + 1}, column ${column + 1}: ${value}. ` +
      `Its receptive field has ${pixels} pixels${influenceOf(strengths)}.`;
    this.#facts.textContent = factsOf(network.description, name);
    this.#showFilters(reading, name, map);
  }

  /** The filters of the map, in the convolution before if this layer has none. @param {Answered} reading @param {string} name @param {number} map */
  #showFilters(reading, name, map) {
    const { description: { layers }, weights } = reading.network;
    let at = layers.findIndex((layer) => layer.name === name);
    while (at >= 0 && layers[at].kind !== 'conv') at -= 1;
    if (at < 0) return;
    const { kernel = 1, weight = 0 } = layers[at];
    const inChannels = at === 0 ? 1 : mapsOf(reading, layers[at - 1].name).channels;
    const values = inChannels * kernel * kernel;
    const start = weight + map * values;
    const canvas = find(this.#filters, 'canvas', HTMLCanvasElement);
    this.#filters.hidden = false; // its style is needed
    paintMaps(canvas, weights.subarray(start, start + values), kernel, COLUMNS);
    canvas.style.width = `${Math.min(100, (100 * Math.min(COLUMNS, inChannels)) / COLUMNS)}%`;
    const count = inChannels === 1 ? 'filter' : `${inChannels} filters`;
    const caption = `The ${count} of map ${map + 1} in ${layers[at].name}, ${kernel}×${kernel}, with batch norm folded in`;
    find(this.#filters, 'figcaption', HTMLElement).textContent = caption;
    canvas.setAttribute('aria-label', caption);
  }

  /** @param {{top: number, bottom: number, left: number, right: number}} pixels last ones included */
  #showBox({ top, bottom, left, right }) {
    const [end, floor] = [(right + 1) / IMAGE_SIZE, (bottom + 1) / IMAGE_SIZE];
    placeAt(this.#box, { left: left / IMAGE_SIZE, top: top / IMAGE_SIZE, right: end, bottom: floor });
    this.#box.hidden = false;
  }
}

/** @param {Answered} reading @param {string} name */
const mapsOf = (reading, name) => /** @type {Maps} */ (reading.digit.result.activations.get(name));

/**
 * Tell which unit the pointer or the keys are at.
 * @param {HTMLCanvasElement} canvas shows the maps
 * @param {Grid} grid where they are on it
 * @param {(cell: Cell) => void} show
 */
function followUnit(canvas, grid, show) {
  let at = { map: 0, row: Math.floor(grid.size / 2), column: Math.floor(grid.size / 2) };
  const point = (/** @type {PointerEvent} */ event) => {
    const area = canvas.getBoundingClientRect();
    const x = Math.floor(((event.clientX - area.left) / area.width) * grid.width);
    const y = Math.floor(((event.clientY - area.top) / area.height) * grid.height);
    const cell = grid.cellAt(x, y);
    if (!cell) return;
    at = cell;
    show(at);
  };
  canvas.addEventListener('pointermove', point);
  canvas.addEventListener('pointerdown', point);
  canvas.addEventListener('focus', () => show(at));
  canvas.addEventListener('keydown', (event) => {
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    const [map, row, column] = [at.map + move[0], at.row + move[1], at.column + move[2]];
    if (map < 0 || row < 0 || column < 0 || map >= grid.count || row >= grid.size || column >= grid.size) return;
    at = { map, row, column };
    show(at);
  });
}

/** How many pixels, strongest first, make up most of the squared gradient. @param {Float32Array} strengths */
function influenceOf(strengths) {
  const total = strengths.reduce((sum, strength) => sum + strength, 0);
  if (!total) return ', but it is inactive (ReLU): its gradient is zero';
  let sum = 0;
  const count = strengths.slice().sort().reverse().findIndex((strength) => (sum += strength) >= MOST * total) + 1;
  return `; ${count} of them account for ${100 * MOST} % of its squared gradient`;
}

/** The layer's row of the table. @param {Description} description @param {string} name */
function factsOf({ table }, name) {
  const line = table?.find((each) => each.name === name);
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
