/** The eraser's geometry; the pad itself is used as a visitor would by `tests/test_page.py`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { erase } from '../../web/pad/strokes.js';

/** A level stroke from 0 to 1 at the given height. @param {number} y */
const level = (y) => ({ points: [{ x: 0, y }, { x: 1, y }], width: 0.02 });

test('an eraser that hits nothing leaves the very same strokes', () => {
  const strokes = [level(0.5)];
  assert.equal(erase(strokes, { x: 0, y: 0.1 }, { x: 1, y: 0.1 }, 0.05), strokes);
});

test('crossing a stroke cuts it in two, with a gap as wide as eraser and brush', () => {
  const cut = erase([level(0.5)], { x: 0.5, y: 0 }, { x: 0.5, y: 1 }, 0.05);
  assert.equal(cut.length, 2);
  const [left, right] = cut;
  const gap = right.points[0].x - left.points[left.points.length - 1].x;
  assert.ok(gap >= 0.12 && gap < 0.16, `gap ${gap}`);
  assert.equal(left.points[0].x, 0);
  assert.equal(right.points[right.points.length - 1].x, 1);
});

test('a stroke under the eraser goes altogether, its neighbours stay as they were', () => {
  const strokes = [level(0.2), { points: [{ x: 0.5, y: 0.5 }], width: 0.1 }, level(0.8)];
  const left = erase(strokes, { x: 0.5, y: 0.5 }, { x: 0.5, y: 0.5 }, 0.05);
  assert.deepEqual(left, [strokes[0], strokes[2]]);
});
