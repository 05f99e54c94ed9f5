/**
 * Maps on the page whose cells can be pointed at.
 * In:  maps; the mouse, a finger or the keys.
 * Out: a canvas with the chosen cell outlined; the cell that is pointed at or chosen.
 */

import { argmax } from '../engine/ndimage.js';
import { make, placeAt } from '../pad/dom.js';
import { Grid, paintMaps } from './colours.js';
import { mapOf } from './maps.js';

/** @typedef {import('../engine/cnn.js').Maps} Maps */
/** @typedef {import('../engine/contributions.js').Cell} Cell */

/** By map, row and column. @type {Record<string, [number, number, number]>} */
const MOVES = {
  ArrowLeft: [0, 0, -1], ArrowRight: [0, 0, 1], ArrowUp: [0, -1, 0], ArrowDown: [0, 1, 0], PageUp: [-1, 0, 0], PageDown: [1, 0, 0],
};

export class MapView {
  element = make('div', '', 'map-view');
  canvas = make('canvas');

  /** @type {Cell | null} */
  #cell = null;
  /** The frame in which the cell under the pointer will be shown. */
  #frame = 0;

  #outline = make('span', '', 'map-cell');
  #grid;
  #onPoint;
  #onChoose;

  /**
   * @param {{count: number, size: number, columns: number, label: string}} shape
   * @param {{onPoint: (cell: Cell | null) => void, onChoose: (cell: Cell) => void}} listeners onPoint: null when the pointer has left
   */
  constructor({ count, size, columns, label }, { onPoint, onChoose }) {
    this.#grid = new Grid(count, size, columns);
    this.#onPoint = onPoint;
    this.#onChoose = onChoose;
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'application');
    const keys = `Arrow keys move between cells${count > 1 ? ', Page Up and Page Down between maps' : ''}.`;
    this.canvas.setAttribute('aria-label', `${label}. ${keys}`);
    this.#outline.hidden = true;
    this.element.append(this.canvas, this.#outline);
    this.#listen();
  }

  /** @param {Maps} maps @param {number} [most] the value that has the full colour */
  show({ data, size }, most) {
    paintMaps(this.canvas, data, size, this.#grid.columns, most);
  }

  /** @param {Cell | null} cell */
  outline(cell) {
    this.#cell = cell;
    this.#outline.hidden = cell === null;
    if (cell) placeAt(this.#outline, this.#grid.boxOf(cell));
  }

  #listen() {
    const { canvas } = this;
    canvas.addEventListener('pointermove', (event) => {
      if (event.pointerType !== 'mouse') return; // a finger that moves scrolls the page
      cancelAnimationFrame(this.#frame);
      this.#frame = requestAnimationFrame(() => this.#onPoint(this.#cellUnder(event)));
    });
    canvas.addEventListener('pointerleave', () => {
      cancelAnimationFrame(this.#frame);
      this.#onPoint(null);
    });
    canvas.addEventListener('click', (event) => {
      const cell = this.#cellUnder(event);
      if (cell) this.#onChoose(cell);
    });
    canvas.addEventListener('focus', () => {
      if (!this.#cell && canvas.matches(':focus-visible')) this.#onChoose(this.#middle());
    });
    canvas.addEventListener('keydown', (event) => {
      const move = MOVES[event.key];
      if (!move) return;
      event.preventDefault();
      const from = this.#cell ?? this.#middle();
      const [map, row, column] = [from.map + move[0], from.row + move[1], from.column + move[2]];
      const { count, size } = this.#grid;
      if (map < 0 || row < 0 || column < 0 || map >= count || row >= size || column >= size) return;
      this.#onChoose({ map, row, column });
    });
  }

  #middle() {
    const middle = Math.floor(this.#grid.size / 2);
    return { map: 0, row: middle, column: middle };
  }

  /** @param {MouseEvent} event */
  #cellUnder(event) {
    const area = this.canvas.getBoundingClientRect();
    const x = Math.floor(((event.clientX - area.left) / area.width) * this.#grid.width);
    const y = Math.floor(((event.clientY - area.top) / area.height) * this.#grid.height);
    return this.#grid.cellAt(x, y);
  }
}

/** The cell with the largest value. @param {Maps} maps @returns {Cell} */
export function strongestCell(maps) {
  const largest = Array.from({ length: maps.channels }, (_, map) => Math.max(...mapOf(maps, map)));
  const map = argmax(largest);
  const at = mapOf(maps, map).indexOf(largest[map]);
  return { map, row: Math.floor(at / maps.size), column: at % maps.size };
}
