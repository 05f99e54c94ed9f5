/**
 * The cell of a map that the visitor looks at. It stays chosen while the drawing changes.
 * In:  choices.
 * Out: the cell; a call for every change.
 */

/** @typedef {import('../engine/contributions.js').Cell & {name: string}} ChosenCell  name: of its layer */

/** @type {ChosenCell | null} */
let chosen = null;
/** @type {(() => void)[]} */
const listeners = [];

export const chosenCell = () => chosen;

/** @param {ChosenCell | null} cell */
export function chooseCell(cell) {
  chosen = cell;
  for (const listener of listeners) listener();
}

/** @param {() => void} listener */
export function onCell(listener) {
  listeners.push(listener);
}
