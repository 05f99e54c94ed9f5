/** `web/normalise.js` where it can be said by hand what comes out; against Python it is held by `tests/test_engine.py`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { normalise, normaliseStrokes } from '../../web/engine/picture.js';

/** @typedef {import('../../web/engine/picture.js').Point} Point */

/** @type {Point[][]} */
const SEVEN = [[{ x: 0.3, y: 0.2 }, { x: 0.7, y: 0.2 }, { x: 0.45, y: 0.8 }]];

/** Rows and columns with ink of at least a tenth. @param {Uint8Array | null} image */
function box(image) {
  assert.ok(image);
  const ink = [...image.keys()].filter((i) => image[i] > 25);
  const rows = ink.map((i) => Math.floor(i / 28));
  const columns = ink.map((i) => i % 28);
  return { height: Math.max(...rows) - Math.min(...rows) + 1, width: Math.max(...columns) - Math.min(...columns) + 1 };
}

test('nothing drawn is null', () => {
  assert.equal(normaliseStrokes([]), null);
  assert.equal(normaliseStrokes([[]]), null);
  assert.equal(normalise({ data: new Uint8ClampedArray(4 * 100).fill(255), width: 10, height: 10 }), null);
});

test('strokes are 20 pixels tall wherever and however large they were drawn', () => {
  const expected = normaliseStrokes(SEVEN);
  assert.equal(box(expected).height, 20);
  assert.equal(Math.max(...(expected ?? [])), 255);
  for (const [scale, shift] of [[0.2, 0.1], [1.4, -0.25], [0.5, 0.5]]) {
    const other = normaliseStrokes(SEVEN.map((stroke) => stroke.map(({ x, y }) => ({ x: scale * x + shift, y: scale * y + shift }))));
    const most = Math.max(...(other ?? []).map((level, i) => Math.abs(level - (expected?.[i] ?? 0))));
    assert.ok(most <= 1, `scaled by ${scale}: ${most} grey levels`);
  }
});

test('a dot stays a dot', () => {
  for (const stroke of [[{ x: 0.4, y: 0.6 }], [{ x: 0.4, y: 0.6 }, { x: 0.401, y: 0.6 }]]) {
    const { width, height } = box(normaliseStrokes([stroke]));
    assert.ok(width <= 5 && height <= 5, `${width} × ${height}`);
  }
});

/** A bar, dark on light or the reverse. @param {number} ink @param {number} ground @param {number} alpha of the ground */
function bar(ink, ground, alpha = 255) {
  const data = new Uint8ClampedArray(4 * 60 * 60);
  for (let i = 0; i < 3600; i += 1) {
    const inside = i % 60 >= 28 && i % 60 < 32 && i >= 600 && i < 3000;
    data.set(inside ? [ink, ink, ink, 255] : [ground, ground, ground, alpha], 4 * i);
  }
  return { data, width: 60, height: 60 };
}

test('dark on light, light on dark and ink on nothing are the same picture', () => {
  const expected = normalise(bar(0, 255));
  assert.equal(box(expected).height, 20);
  assert.deepEqual(normalise(bar(255, 0)), expected);
  assert.deepEqual(normalise(bar(0, 123, 0)), expected);
  assert.deepEqual(normalise(bar(255, 255, 0)), expected);
});
