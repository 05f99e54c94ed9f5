/** The pad as pixels: sizes, places and levels that can be calculated by hand. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pixelsOf } from '../../web/pad/pixels.js';

const WHOLE = { left: 0, top: 0, width: 100, height: 100 };

/** @param {import('../../web/pad/pixels.js').Pixels} pixels @param {number} x @param {number} y */
const at = ({ data, width }, x, y) => Array.from(data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4));

test('a level stroke covers as much as its length, its width and its round ends say', () => {
  const stroke = { points: [{ x: 0.2, y: 0.5 }, { x: 0.8, y: 0.5 }], width: 0.1 };
  const pixels = pixelsOf([stroke], 100, WHOLE);
  let area = 0;
  pixels.data.forEach((value, i) => { if (i % 4 === 3) area += value / 255; });
  assert.ok(Math.abs(area - (60 * 10 + Math.PI * 25)) < 5, `area ${area}`);
  assert.deepEqual(at(pixels, 50, 50), [0, 0, 0, 255]);
  assert.deepEqual(at(pixels, 50, 60), [0, 0, 0, 0]);
});

test('a point alone is a dot', () => {
  const pixels = pixelsOf([{ points: [{ x: 0.5, y: 0.5 }], width: 0.2 }], 100, WHOLE);
  assert.deepEqual([at(pixels, 50, 50)[3], at(pixels, 58, 50)[3], at(pixels, 62, 50)[3]], [255, 255, 0]);
});

test('a photograph keeps its pixels, lies in the middle of the pad, and strokes are black on it', () => {
  const data = new Uint8ClampedArray(4 * 40 * 20).map((_, i) => (i % 4 === 3 ? 255 : (i * 7) % 251));
  const pixels = /** @type {ImageData} */ ({ data, width: 40, height: 20 });
  const canvas = /** @type {HTMLCanvasElement} */ ({ width: 40, height: 20 });
  const sheet = { points: [], width: 0, sheet: { canvas, levels: null, pixels } };
  const cut = { left: 0, top: 0.25, width: 40, height: 20 };
  assert.deepEqual(pixelsOf([sheet], 40, cut).data, data);
  const pad = pixelsOf([sheet, { points: [{ x: 0.5, y: 0.5 }], width: 0.2 }], 40, { left: 0, top: 0, width: 40, height: 40 });
  assert.equal(at(pad, 20, 5)[3], 0);
  assert.deepEqual(at(pad, 3, 12), Array.from(data.subarray(4 * (2 * 40 + 3), 4 * (2 * 40 + 3) + 4)));
  assert.deepEqual(at(pad, 20, 20), [0, 0, 0, 255]);
});

test('a digit of MNIST is enlarged without being smoothed', () => {
  const levels = new Uint8Array(784);
  levels[28 * 10 + 5] = 200;
  const canvas = /** @type {HTMLCanvasElement} */ ({ width: 28, height: 28 });
  const pixels = pixelsOf([{ points: [], width: 0, sheet: { canvas, levels, pixels: null } }], 280, { left: 0, top: 0, width: 280, height: 280 });
  assert.deepEqual([at(pixels, 50, 100), at(pixels, 59, 109), at(pixels, 60, 100)], [[0, 0, 0, 200], [0, 0, 0, 200], [0, 0, 0, 0]]);
});
