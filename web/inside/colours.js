/**
 * Numbers as colours, on the page's own scale.
 * In:  values and a canvas.
 * Out: pixels: 0 is the paper, the largest value the accent, and as far below 0 its opposite.
 */

import { paintPixels } from '../pad/canvas.js';

/** Red, green, blue and the largest opacity of the pixels that influence a value. */
const GLOW = [255, 129, 71, 235];
/** Grey levels below the glow are dimmed to this share, so that it shows. */
const DIMMED = 0.55;
/** Pixels a side of a single number's square. */
const SQUARE = 5;

/** The colours of the theme that have been asked for: the maps ask in every frame. @type {Map<string, number[]>} */
const theme = new Map();

/** To be called when the theme changes. */
export const forgetTheme = () => theme.clear();

/** @param {string} name of a custom property that is #rrggbb @returns {number[]} */
function themeColour(name) {
  const known = theme.get(name);
  if (known) return known;
  const colour = getComputedStyle(document.body).getPropertyValue(name).trim();
  const levels = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  theme.set(name, levels);
  return levels;
}

/** The largest distance from 0. @param {ArrayLike<number>} values */
export function largest(values) {
  let most = 1e-9;
  for (let i = 0; i < values.length; i += 1) most = Math.max(most, Math.abs(values[i]));
  return most;
}

/** @returns {(share: number) => number[]} from −1…1 to red, green, blue, alpha */
function scaleOf() {
  const [paper, high, low] = ['--paper', '--accent', '--opposite'].map(themeColour);
  return (share) => {
    const end = share < 0 ? low : high;
    const mixed = paper.map((level, c) => level + Math.abs(share) * (end[c] - level));
    mixed.push(255);
    return mixed;
  };
}

/** Square maps side by side, with a line of one pixel between them. */
export class Grid {
  /** @param {number} count @param {number} size of a map @param {number} columns at most */
  constructor(count, size, columns) {
    this.count = count;
    this.size = size;
    this.columns = Math.min(columns, count);
    this.pitch = size + 1;
    this.width = this.columns * this.pitch - 1;
    this.height = Math.ceil(count / this.columns) * this.pitch - 1;
  }

  /** Which map's cell is at a pixel; null beside and between the maps. @param {number} x @param {number} y */
  cellAt(x, y) {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return null;
    const map = Math.floor(y / this.pitch) * this.columns + Math.floor(x / this.pitch);
    const [row, column] = [y % this.pitch, x % this.pitch];
    return map < this.count && row < this.size && column < this.size ? { map, row, column } : null;
  }

  /** Where a cell is, in fractions of the whole. @param {{map: number, row: number, column: number}} cell */
  boxOf({ map, row, column }) {
    const left = (map % this.columns) * this.pitch + column;
    const top = Math.floor(map / this.columns) * this.pitch + row;
    return { left: left / this.width, top: top / this.height, right: (left + 1) / this.width, bottom: (top + 1) / this.height };
  }
}

/**
 * Maps on one scale.
 * @param {HTMLCanvasElement} canvas gets the size that the maps need
 * @param {ArrayLike<number>} data map by map, row by row
 * @param {number} size of a map
 * @param {number} columns
 * @param {number} [most] the value that has the full colour; without it, the largest
 */
export function paintMaps(canvas, data, size, columns, most = largest(data)) {
  const grid = new Grid(data.length / (size * size), size, columns);
  const colour = scaleOf();
  const ground = [...themeColour('--ground'), 255];
  paintPixels(canvas, grid.width, grid.height, (i) => {
    const cell = grid.cellAt(i % grid.width, Math.floor(i / grid.width));
    return cell ? colour(data[(cell.map * size + cell.row) * size + cell.column] / most) : ground;
  });
}

/**
 * Single numbers as squares.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} values @param {number} columns
 */
export function paintSquares(canvas, values, columns) {
  const cells = SQUARE * SQUARE;
  paintMaps(canvas, Float32Array.from({ length: values.length * cells }, (_, i) => values[Math.floor(i / cells)]), SQUARE, columns);
}

/** The colour of a value, for an element's style. @param {number} share −1…1 */
export const styleOf = (share) => `rgb(${scaleOf()(share).slice(0, 3).map(Math.round).join(' ')})`;

/**
 * How strongly every pixel counts, to lay over a picture, or over dimmed grey levels.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} strengths at least 0, square @param {ArrayLike<number>} [levels]
 */
export function paintGlow(canvas, strengths, levels) {
  const size = Math.sqrt(strengths.length);
  const most = largest(strengths);
  const [red, green, blue, opacity] = GLOW;
  paintPixels(canvas, size, size, (i) => {
    const alpha = opacity * Math.sqrt(strengths[i] / most);
    if (!levels) return [red, green, blue, alpha];
    const rest = (1 - alpha / 255) * DIMMED * levels[i];
    return [...[red, green, blue].map((level) => (level * alpha) / 255 + rest), 255];
  });
}
