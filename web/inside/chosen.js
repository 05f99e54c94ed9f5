/**
 * The cell of a map that the visitor looks at. It stays chosen while the drawing changes.
 * In:  choices.
 * Out: the cell; a call for every change.
 */

import { keep } from '../pad/address.js';

/** @typedef {import('../engine/contributions.js').Cell & {name: string}} ChosenCell  name: of its layer */

/** @type {ChosenCell | null} */
let chosen = null;
/** @type {(() => void)[]} */
const listeners = [];

export const chosenCell = () => chosen;

/** @param {ChosenCell} cell */
export function chooseCell(cell) {
  chosen = cell;
  keep({ cell: [cell.name, cell.map + 1, cell.row + 1, cell.column + 1].join('.') });
  for (const listener of listeners) listener();
}

/** @param {string} text of a link, as `chooseCell` writes it @returns {ChosenCell | null} null for anything else */
export function cellOf(text) {
  const [name, ...places] = text.split('.');
  const [map, row, column] = places.map((place) => Number(place) - 1);
  return places.length === 3 && map >= 0 && row >= 0 && column >= 0 ? { name, map, row, column } : null;
}

/** @param {() => void} listener */
export function onCell(listener) {
  listeners.push(listener);
}
