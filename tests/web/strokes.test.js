/** Strokes whose image can be stated by hand; `tests/test_engine.py` compares many with Python's. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { normaliseStrokes } from '../../web/engine/strokes.js';

/** @typedef {import('../../web/engine/strokes.js').Point} Point */

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

test('no points are no image', () => {
  assert.equal(normaliseStrokes([]), null);
  assert.equal(normaliseStrokes([[]]), null);
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
