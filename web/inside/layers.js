/**
 * What every layer makes of the drawing.
 * In:  the readings of `demo.js`.
 * Out: the maps of every layer; for the cell under the pointer or the keys its value, its receptive field on the digit, the pixels
 *      it listens to there, its layer's row of the table and its filters.
 */

import { paintLevels } from '../pad/answer.js';
import { IMAGE_SIZE, receptiveBox } from '../engine/cnn.js';
import { paintGlow, paintMaps } from './colours.js';
import { cellGradient } from '../engine/gradients.js';

/** @typedef {import('../pad/demo.js').Reading} Reading */
/** @typedef {import('../engine/cnn.js').Maps} Maps */
/** @typedef {{name: string, channel: number, row: number, column: number}} Cell */

/** Maps side by side. */
const COLUMNS = 8;
/** What the glow is counted up to: so much of a cell's gradient, squared, comes from how many pixels. */
const MOST = 0.9;

/** @param {HTMLElement} root the section of `inside.html` */
export function mountLayers(root) {
  /** @type {<T extends HTMLElement>(selector: string) => T} */
  const find = (selector) => /** @type {any} */ (root.querySelector(selector));
  const digit = /** @type {HTMLCanvasElement} */ (find('.inside-digit'));
  const heat = /** @type {HTMLCanvasElement} */ (find('.inside-heat'));
  const box = find('.inside-box');
  const words = find('.inside-cell');
  const facts = find('.inside-row');
  const filters = find('.inside-filters');
  const list = find('.inside-layers');
  const invitation = words.textContent;

  /** @type {Reading} */
  let reading;
  /** @type {import('../engine/cnn.js').Result} */
  let result;
  let frame = 0;

  /** @param {Reading} next */
  function show(next) {
    if (!next.digit) return;
    reading = next;
    result = next.digit.result;
    box.hidden = filters.hidden = true;
    words.textContent = invitation;
    facts.textContent = '';
    heat.width = IMAGE_SIZE; // clears it
    paintLevels(digit, next.digit.seen);
    const layers = next.network.description.layers;
    const names = layers.slice(0, layers.findIndex((layer) => layer.kind === 'flatten')).map(({ name }) => name);
    if (list.children.length !== names.length) list.replaceChildren(...names.map(layerItem));
    for (const canvas of list.querySelectorAll('canvas')) {
      const { data, size } = mapsOf(/** @type {string} */ (canvas.dataset.layer));
      paintMaps(canvas, data, size, COLUMNS);
    }
  }

  /** @param {string} name */
  const mapsOf = (name) => /** @type {Maps} */ (result.activations.get(name));

  /** @param {string} name */
  function layerItem(name) {
    const { channels, size } = mapsOf(name);
    const middle = Math.floor(size / 2);
    const { top, bottom } = receptiveBox(reading.network.description, name, middle, middle);
    const item = document.createElement('li');
    const heading = document.createElement('p');
    const title = document.createElement('b');
    title.textContent = name;
    const field = bottom - top + 1;
    heading.append(title, ` ${channels} maps of ${size}×${size}, a cell sees ${field}×${field} pixels`);
    const canvas = document.createElement('canvas');
    canvas.dataset.layer = name;
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'application');
    canvas.setAttribute('aria-label', `Maps of ${name}. Arrow keys move from cell to cell, page up and down from map to map.`);
    item.append(heading, canvas);
    follow(canvas, name);
    return item;
  }

  /** @param {HTMLCanvasElement} canvas @param {string} name */
  function follow(canvas, name) {
    const { size, channels } = mapsOf(name);
    const pitch = size + 1;
    const columns = Math.min(COLUMNS, channels);
    let at = { name, channel: 0, row: Math.floor(size / 2), column: Math.floor(size / 2) };
    const showSoon = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => showCell(at));
    };
    const point = (/** @type {PointerEvent} */ event) => {
      const area = canvas.getBoundingClientRect();
      const x = Math.floor(((event.clientX - area.left) / area.width) * canvas.width);
      const y = Math.floor(((event.clientY - area.top) / area.height) * canvas.height);
      const channel = Math.floor(y / pitch) * columns + Math.floor(x / pitch);
      const [row, column] = [y % pitch, x % pitch];
      if (channel >= channels || row >= size || column >= size || x < 0 || y < 0) return;
      at = { name, channel, row, column };
      showSoon();
    };
    canvas.addEventListener('pointermove', point);
    canvas.addEventListener('pointerdown', point);
    canvas.addEventListener('focus', showSoon);
    /** @type {Record<string, [number, number, number]>} */
    const moves = {
      ArrowLeft: [0, 0, -1], ArrowRight: [0, 0, 1], ArrowUp: [0, -1, 0], ArrowDown: [0, 1, 0], PageUp: [-1, 0, 0], PageDown: [1, 0, 0],
    };
    canvas.addEventListener('keydown', (event) => {
      const move = moves[event.key];
      if (!move) return;
      event.preventDefault();
      const [channel, row, column] = [at.channel + move[0], at.row + move[1], at.column + move[2]];
      if (channel < 0 || row < 0 || column < 0 || channel >= channels || row >= size || column >= size) return;
      at = { name, channel, row, column };
      showSoon();
    });
  }

  /** @param {Cell} cell */
  function showCell(cell) {
    const { name, channel } = cell;
    const { description } = reading.network;
    const maps = mapsOf(name);
    const value = maps.data[(channel * maps.size + cell.row) * maps.size + cell.column];
    const field = receptiveBox(description, name, cell.row, cell.column);
    showBox(field);
    const strengths = cellGradient(reading.network, result, cell).map((slope) => slope * slope);
    const total = strengths.reduce((sum, strength) => sum + strength, 0);
    paintGlow(heat, strengths.map(Math.sqrt));
    const pixels = (field.bottom - field.top + 1) * (field.right - field.left + 1);
    const place = `${name}, map ${channel + 1}, row ${cell.row + 1}, column ${cell.column + 1}: `;
    words.textContent = `${place}${value.toFixed(3).replace('-', '−')}. `;
    words.textContent += total
      ? `It can see ${pixels} pixels and listens to ${pixelsFor(strengths, total)} of them.`
      : `It can see ${pixels} pixels, but is shut: no small change of ink moves it.`;
    facts.textContent = factsOf(name);
    showFilters(name, channel);
  }

  /** How many pixels, strongest first, make up most of it. @param {Float32Array} strengths @param {number} total */
  function pixelsFor(strengths, total) {
    let sum = 0;
    return strengths.slice().sort().reverse().findIndex((strength) => (sum += strength) >= MOST * total) + 1;
  }

  /** @param {string} name */
  function factsOf(name) {
    const line = reading.network.description.table?.find((each) => each.name === name);
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

  /** The kernels of the map, in the convolution before if this layer has none. @param {string} name @param {number} channel */
  function showFilters(name, channel) {
    const { layers } = reading.network.description;
    const at = layers.findIndex((layer) => layer.name === name);
    const conv = layers.slice(0, at + 1).reverse().find((layer) => layer.kind === 'conv');
    const place = layers.findIndex((layer) => layer === conv);
    if (!conv) return;
    const { kernel = 1, weight = 0 } = conv;
    const inChannels = place === 0 ? 1 : /** @type {Maps} */ (result.activations.get(layers[place - 1].name)).channels;
    const values = inChannels * kernel * kernel;
    const canvas = /** @type {HTMLCanvasElement} */ (filters.querySelector('canvas'));
    const start = weight + channel * values;
    filters.hidden = false; // its style is needed
    paintMaps(canvas, reading.network.weights.subarray(start, start + values), kernel, COLUMNS);
    canvas.style.width = `${Math.min(100, (100 * Math.min(COLUMNS, inChannels)) / COLUMNS)}%`;
    const caption = `The ${inChannels === 1 ? 'filter' : `${inChannels} filters`} of map ${channel + 1} in ${conv.name}, ${kernel}×${kernel}, batch norm folded in`;
    /** @type {HTMLElement} */ (filters.querySelector('figcaption')).textContent = caption;
    canvas.setAttribute('aria-label', caption);
  }

  /** @param {{top: number, bottom: number, left: number, right: number}} pixels */
  function showBox({ top, bottom, left, right }) {
    const percent = (/** @type {number} */ count) => `${(100 * count) / IMAGE_SIZE}%`;
    Object.assign(box.style, {
      top: percent(top), left: percent(left), height: percent(bottom - top + 1), width: percent(right - left + 1),
    });
    box.hidden = false;
  }

  return show;
}
