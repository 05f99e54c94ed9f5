/** Pictures whose image can be stated by hand; `tests/test_engine.py` compares many with Python's. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inkOf, normaliseInk } from '../../web/engine/picture.js';

/** @typedef {import('../../web/engine/raster.js').Picture} Picture */

/** @param {Picture} picture */
const normalise = (picture) => normaliseInk(inkOf(picture));

/** How many rows have ink of at least a tenth. @param {Uint8Array | null} image */
function height(image) {
  assert.ok(image);
  const rows = [...image.keys()].filter((i) => image[i] > 25).map((i) => Math.floor(i / 28));
  return Math.max(...rows) - Math.min(...rows) + 1;
}

test('an empty picture is no image', () => {
  assert.equal(normalise({ data: new Uint8ClampedArray(4 * 100).fill(255), width: 10, height: 10 }), null);
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
  assert.equal(height(expected), 20);
  assert.deepEqual(normalise(bar(255, 0)), expected);
  assert.deepEqual(normalise(bar(0, 123, 0)), expected);
  assert.deepEqual(normalise(bar(255, 255, 0)), expected);
});
