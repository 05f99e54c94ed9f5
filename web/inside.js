/**
 * What every layer makes of the drawing.
 * In:  the readings of `demo.js`.
 * Out: the maps of every layer; for the cell under the pointer or the keys its value and its receptive field on the digit.
 */

import { IMAGE_SIZE, receptiveBox } from './cnn.js';
import { onReading } from './demo.js';

/** @typedef {import('./demo.js').Reading} Reading */
/** @typedef {import('./cnn.js').Maps} Maps */

/** Maps side by side. */
const COLUMNS = 8;
const GAP = 1;

/** @param {string} colour #rrggbb */
const rgb = (colour) => [1, 3, 5].map((at) => parseInt(colour.trim().slice(at, at + 2), 16));

/** Where a layer's maps lie on its canvas. @param {Maps} maps */
function layout({ channels, size }) {
  const pitch = size + GAP;
  const columns = Math.min(COLUMNS, channels);
  return { pitch, columns, width: columns * pitch - GAP, height: Math.ceil(channels / columns) * pitch - GAP };
}

/**
 * One colour scale a layer: 0 is the paper, the largest value the accent, and as far below 0 its opposite.
 * @param {HTMLCanvasElement} canvas
 * @param {Maps} maps
 */
function paintMaps(canvas, maps) {
  const style = getComputedStyle(canvas);
  const [paper, high, low, ground] = ['--paper', '--accent', '--opposite', '--ground'].map((name) => rgb(style.getPropertyValue(name)));
  const { pitch, columns, width, height } = layout(maps);
  const most = maps.data.reduce((so_far, value) => Math.max(so_far, Math.abs(value)), 1e-9);
  canvas.width = width;
  canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i += 1) image.data.set([...ground, 255], 4 * i);
  maps.data.forEach((value, i) => {
    const channel = Math.floor(i / (maps.size * maps.size));
    const x = (channel % columns) * pitch + (i % maps.size);
    const y = Math.floor(channel / columns) * pitch + (Math.floor(i / maps.size) % maps.size);
    const share = Math.abs(value) / most;
    const colour = paper.map((level, c) => level + share * ((value < 0 ? low : high)[c] - level));
    image.data.set([...colour, 255], 4 * (y * width + x));
  });
  context.putImageData(image, 0, 0);
}

/** @param {HTMLElement} root holds what `inside.html` has */
export function mountInside(root) {
  /** @type {<T extends HTMLElement>(selector: string) => T} */
  const find = (selector) => /** @type {any} */ (root.querySelector(selector));
  const digit = /** @type {HTMLCanvasElement} */ (find('.inside-digit'));
  const box = find('.inside-box');
  const words = find('.inside-cell');
  const list = find('.inside-layers');

  /** @type {Reading | null} */
  let reading = null;
  let stale = false;

  function render() {
    // a tab that is not open costs nothing
    if (!stale || !reading || root.clientWidth === 0) return;
    stale = false;
    const { network, seen } = reading;
    root.classList.toggle('inside-empty', seen === null);
    box.hidden = true;
    if (seen === null) return;
    const context = /** @type {CanvasRenderingContext2D} */ (digit.getContext('2d'));
    const image = context.createImageData(IMAGE_SIZE, IMAGE_SIZE);
    seen.forEach((level, i) => image.data.set([level, level, level, 255], 4 * i));
    context.putImageData(image, 0, 0);

    const { activations } = network.run(seen);
    const layers = network.description.layers;
    const spatial = layers.slice(0, layers.findIndex((layer) => layer.kind === 'flatten'));
    list.replaceChildren(
      ...spatial.map(({ name }) => {
        const maps = /** @type {Maps} */ (activations.get(name));
        return layerItem(name, maps);
      }),
    );
    for (const canvas of list.querySelectorAll('canvas')) {
      paintMaps(canvas, /** @type {Maps} */ (activations.get(/** @type {string} */ (canvas.dataset.layer))));
    }
  }

  /** @param {string} name @param {Maps} maps */
  function layerItem(name, maps) {
    const middle = Math.floor(maps.size / 2);
    const { top, bottom } = receptiveBox(/** @type {Reading} */ (reading).network.description, name, middle, middle);
    const item = document.createElement('li');
    const heading = document.createElement('p');
    const title = document.createElement('b');
    title.textContent = name;
    const field = bottom - top + 1;
    heading.append(title, ` ${maps.channels} maps of ${maps.size}×${maps.size}, a cell sees ${field}×${field} pixels`);
    const canvas = document.createElement('canvas');
    canvas.dataset.layer = name;
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'application');
    canvas.setAttribute('aria-label', `Maps of ${name}. Arrow keys move from cell to cell.`);
    item.append(heading, canvas);
    follow(canvas, name, maps);
    return item;
  }

  /** @param {HTMLCanvasElement} canvas @param {string} name @param {Maps} maps */
  function follow(canvas, name, maps) {
    const { pitch, columns } = layout(maps);
    let at = { channel: 0, row: Math.floor(maps.size / 2), column: Math.floor(maps.size / 2) };
    const showAt = () => {
      const value = maps.data[(at.channel * maps.size + at.row) * maps.size + at.column];
      words.textContent = `${name}, map ${at.channel + 1}, row ${at.row + 1}, column ${at.column + 1}: ${value.toFixed(3)}`;
      showBox(receptiveBox(/** @type {Reading} */ (reading).network.description, name, at.row, at.column));
    };
    const point = (/** @type {PointerEvent} */ event) => {
      const area = canvas.getBoundingClientRect();
      const x = Math.floor(((event.clientX - area.left) / area.width) * canvas.width);
      const y = Math.floor(((event.clientY - area.top) / area.height) * canvas.height);
      const channel = Math.floor(y / pitch) * columns + Math.floor(x / pitch);
      const [row, column] = [y % pitch, x % pitch];
      if (channel >= maps.channels || row >= maps.size || column >= maps.size || x < 0 || y < 0) return;
      at = { channel, row, column };
      showAt();
    };
    canvas.addEventListener('pointermove', point);
    canvas.addEventListener('pointerdown', point);
    canvas.addEventListener('focus', showAt);
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    canvas.addEventListener('keydown', (event) => {
      const move = moves[/** @type {keyof typeof moves} */ (event.key)];
      if (!move) return;
      event.preventDefault();
      const [row, column] = [at.row + move[0], at.column + move[1]];
      if (row < 0 || column < 0 || row >= maps.size || column >= maps.size) return;
      at = { ...at, row, column };
      showAt();
    });
  }

  /** @param {{top: number, bottom: number, left: number, right: number}} pixels */
  function showBox({ top, bottom, left, right }) {
    const percent = (/** @type {number} */ count) => `${(100 * count) / IMAGE_SIZE}%`;
    Object.assign(box.style, {
      top: percent(top), left: percent(left), height: percent(bottom - top + 1), width: percent(right - left + 1),
    });
    box.hidden = false;
  }

  onReading((next) => {
    reading = next;
    stale = true;
    render();
  });
  new ResizeObserver(render).observe(root);
  new MutationObserver(() => {
    stale = true;
    render();
  }).observe(document.body, { attributeFilter: ['class'] });
}
