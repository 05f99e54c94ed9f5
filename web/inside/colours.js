/**
 * Numbers as colours, on the page's own scale.
 * In:  values and a canvas, whose style gives the colours of the theme.
 * Out: pixels: 0 is the paper, the largest value the accent, and as far below 0 its opposite.
 */

import { paintPixels } from '../pad/canvas.js';

/** Red, green, blue and the largest opacity of the pixels that influence a value. */
const GLOW = [255, 129, 71, 235];

/** @param {HTMLCanvasElement} canvas @param {string} name of a custom property that is #rrggbb @returns {number[]} */
function themeColour(canvas, name) {
  const colour = getComputedStyle(canvas).getPropertyValue(name).trim();
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

/** Largest distance from 0. @param {ArrayLike<number>} values */
function largest(values) {
  let most = 1e-9;
  for (let i = 0; i < values.length; i += 1) most = Math.max(most, Math.abs(values[i]));
  return most;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {(share: number) => number[]} from −1…1 to red, green, blue, alpha
 */
function scaleOf(canvas) {
  const [paper, high, low] = ['--paper', '--accent', '--opposite'].map((name) => themeColour(canvas, name));
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
}

/**
 * Maps on one scale.
 * @param {HTMLCanvasElement} canvas gets the size that the maps need
 * @param {ArrayLike<number>} data map by map, row by row
 * @param {number} size of a map
 * @param {number} columns
 */
export function paintMaps(canvas, data, size, columns) {
  const grid = new Grid(data.length / (size * size), size, columns);
  const most = largest(data);
  const colour = scaleOf(canvas);
  const ground = [...themeColour(canvas, '--ground'), 255];
  paintPixels(canvas, grid.width, grid.height, (i) => {
    const cell = grid.cellAt(i % grid.width, Math.floor(i / grid.width));
    return cell ? colour(data[(cell.map * size + cell.row) * size + cell.column] / most) : ground;
  });
}

/**
 * How strongly every pixel counts, to lay over a picture.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} strengths at least 0, square
 */
export function paintGlow(canvas, strengths) {
  const size = Math.sqrt(strengths.length);
  const most = largest(strengths);
  const [red, green, blue, opacity] = GLOW;
  paintPixels(canvas, size, size, (i) => [red, green, blue, opacity * Math.sqrt(strengths[i] / most)]);
}
