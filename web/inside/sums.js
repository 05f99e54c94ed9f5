/**
 * Of what the value of one cell is made, as numbers that add up.
 * In:  a reading and a cell.
 * Out: elements: for the first convolution the patch, the filter and their products; for later ones the strongest inputs.
 */

import { convolutionOf, inkConvolutionOf, inputOf, layerOf, products, sumsByMap } from '../engine/contributions.js';
import { newCanvas } from '../pad/canvas.js';
import { make } from '../pad/dom.js';
import { fixed } from '../pad/format.js';
import { paintMaps, styleOf } from './colours.js';
import { addingUp, byStrength } from './numbers.js';

/** @typedef {import('./inside.js').Answered} Answered */
/** @typedef {import('./chosen.js').ChosenCell} ChosenCell */
/** @typedef {import('../engine/contributions.js').Convolution} Convolution */

/** Inputs of a later convolution that are shown one by one. */
const STRONGEST = 4;
const DECIMALS = 2;

/** With its sign. @param {number} value */
export const signed = (value) => (value < 0 ? fixed(value) : `+${fixed(value)}`);

/** @param {Answered} reading @param {ChosenCell} cell @returns {HTMLElement[]} */
export function sumElements({ network, digit: { result } }, cell) {
  const { name, map, row, column } = cell;
  const layer = layerOf(network, name);
  const input = inputOf(network, result, name);
  if (layer.kind === 'conv') {
    const first = network.description.layers[0] === layer;
    return first ? inkSum(inkConvolutionOf(network, result, name, cell)) : inputSum(convolutionOf(network, result, name, cell));
  }
  const { kernel = 1, weight = 0, bias = 0 } = layer;
  const at = (/** @type {number} */ y, /** @type {number} */ x) => input.data[(map * input.size + y) * input.size + x];
  if (layer.kind === 'maxpool') {
    const values = Array.from({ length: kernel * kernel }, (_, i) => at(row * kernel + Math.floor(i / kernel), column * kernel + (i % kernel)));
    return [make('p', `The largest of ${values.map((value) => fixed(value)).join(', ')} is ${fixed(Math.max(...values))}.`)];
  }
  const before = at(row, column);
  if (layer.kind === 'affine') {
    const [scale, shift] = [network.weights[weight + map], network.weights[bias + map]];
    const sum = addingUp([before * scale, shift], before * scale + shift, DECIMALS);
    return [make('p', `${fixed(before)} × ${fixed(scale)}, which is ${fixed(sum.terms[0])}, shifted by ${signed(sum.terms[1])}, makes ${fixed(sum.total)}.`)];
  }
  return [make('p', before > 0 ? `${fixed(before)} is above 0 and stays.` : `${fixed(before)} is not above 0, so it becomes 0.`)];
}

/** The first convolution: nine numbers of ink times nine of the filter. @param {Convolution} convolution */
function inkSum(convolution) {
  const { kernel, patch, filter, bias, total } = convolution;
  const exact = products(convolution);
  const sum = addingUp([...exact, bias], total, DECIMALS);
  const parts = sum.terms.slice(0, -1);
  const subtotal = parts.reduce((so_far, value) => so_far + value, 0);
  const row = make('div', '', 'sum-grids');
  row.append(
    numberGrid('Ink', Array.from(patch), kernel, 1),
    make('span', '×'),
    numberGrid('Filter', Array.from(filter), kernel, Math.max(...filter.map(Math.abs))),
    make('span', '='),
    numberGrid('Products', parts, kernel, Math.max(1e-9, ...exact.map(Math.abs))),
  );
  const words = `The ${kernel ** 2} products add up to ${fixed(subtotal)}. With the bias, ${signed(sum.terms[parts.length])}, that makes ${fixed(sum.total)}.`;
  return [row, make('p', words, 'sum-words')];
}

/** @param {string} caption @param {number[]} values @param {number} columns @param {number} most the value that has the full colour */
function numberGrid(caption, values, columns, most) {
  const table = make('table', '', 'sum-grid');
  table.append(make('caption', caption));
  for (let start = 0; start < values.length; start += columns) {
    const line = make('tr');
    for (const value of values.slice(start, start + columns)) {
      const cell = make('td', fixed(value));
      cell.style.background = styleOf((0.45 * value) / most); // pale enough to read the number on it
      line.append(cell);
    }
    table.append(line);
  }
  return table;
}

/** A later convolution: what each map of the stage before adds. @param {Convolution} convolution */
function inputSum(convolution) {
  const { kernel, patch, filter, bias, total } = convolution;
  const sums = sumsByMap(convolution);
  const order = byStrength(sums);
  const shown = order.slice(0, STRONGEST);
  const others = order.slice(STRONGEST);
  const rest = others.reduce((sum, map) => sum + sums[map], 0);
  const sum = addingUp([...shown.map((map) => sums[map]), rest, bias], total, DECIMALS);
  const list = make('ul', '', 'sum-inputs');
  shown.forEach((map, place) => {
    const part = [map * kernel ** 2, (map + 1) * kernel ** 2];
    const item = make('li');
    item.append(
      make('span', `Map ${map + 1}`),
      patchCanvas(patch.subarray(...part), kernel),
      make('span', '×'),
      patchCanvas(filter.subarray(...part), kernel),
      make('b', signed(sum.terms[place])),
    );
    list.append(item);
  });
  list.append(sumLine(`The other ${others.length} maps`, sum.terms[shown.length]), sumLine('Bias', sum.terms[shown.length + 1]));
  const last = sumLine('Sum', sum.total);
  last.className = 'sum-total';
  list.append(last);
  return [make('p', `It adds up ${sums.length} maps of the stage before, each ${kernel}×${kernel} cells times ${kernel ** 2} learnt numbers of their own. The strongest:`), list];
}

/** @param {string} words @param {number} value */
function sumLine(words, value) {
  const item = make('li');
  item.append(make('span', words), make('b', signed(value)));
  return item;
}

/** @param {Float32Array} values @param {number} size */
function patchCanvas(values, size) {
  const canvas = newCanvas(size, size);
  canvas.setAttribute('aria-hidden', 'true');
  paintMaps(canvas, values, size, 1);
  return canvas;
}
