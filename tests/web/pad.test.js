/** The eraser's geometry and the history of a drawing; the pad itself is used as a visitor would by `tests/test_page.py`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Drawing } from '../../web/pad/drawing.js';
import { beginning, erase } from '../../web/pad/strokes.js';

/** A level stroke from 0 to 1 at the given height. @param {number} y */
const level = (y) => ({ points: [{ x: 0, y }, { x: 1, y }], width: 0.02 });

/** @param {Drawing} drawing @param {number} y */
function drawLevel(drawing, y) {
  drawing.penDown({ x: 0, y }, 0.02);
  drawing.moveTo({ x: 1, y }, 0);
  return drawing.lift();
}

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

test('a stroke under the eraser is removed whole, its neighbours stay as they were', () => {
  const strokes = [level(0.2), { points: [{ x: 0.5, y: 0.5 }], width: 0.1 }, level(0.8)];
  const left = erase(strokes, { x: 0.5, y: 0.5 }, { x: 0.5, y: 0.5 }, 0.05);
  assert.deepEqual(left, [strokes[0], strokes[2]]);
});

test('half of the way is half of the points, over all strokes', () => {
  assert.deepEqual(beginning([level(0.2), level(0.8)], 0.75).map(({ points }) => points.length), [2, 1]);
});

test('undo and redo go back and forth; a new stroke leaves nothing to redo', () => {
  const drawing = new Drawing();
  assert.equal(drawing.undo(), false);
  assert.ok(drawLevel(drawing, 0.2));
  assert.ok(drawLevel(drawing, 0.5));
  assert.deepEqual(drawing.strokes, [level(0.2), level(0.5)]);
  assert.ok(drawing.undo());
  assert.deepEqual(drawing.strokes, [level(0.2)]);
  assert.ok(drawing.redo());
  assert.deepEqual(drawing.strokes, [level(0.2), level(0.5)]);
  drawing.undo();
  drawLevel(drawing, 0.8);
  assert.equal(drawing.canRedo, false);
  assert.deepEqual(drawing.strokes, [level(0.2), level(0.8)]);
});

test('an eraser that hit nothing leaves nothing to undo, and something to redo', () => {
  const drawing = new Drawing();
  drawLevel(drawing, 0.2);
  drawLevel(drawing, 0.5);
  drawing.undo();
  drawing.eraserDown({ x: 0.5, y: 0.9 }, 0.05);
  drawing.moveTo({ x: 0.8, y: 0.9 }, 0.05);
  assert.equal(drawing.lift(), false);
  assert.ok(drawing.canRedo);
  drawing.undo();
  assert.ok(drawing.isEmpty);
});

test('places that nobody could tell apart are not kept, however often a mouse reports them', () => {
  const drawing = new Drawing();
  drawing.penDown({ x: 0.5, y: 0 }, 0.02);
  for (let i = 0; i <= 20_000; i += 1) drawing.moveTo({ x: 0.5 + 1e-5 * (i % 2), y: i / 20_000 }, 0);
  drawing.lift();
  const [{ points }] = drawing.strokes;
  assert.ok(points.length > 100 && points.length <= 501, `${points.length} points`);
  assert.ok(points[points.length - 1].y > 0.997);
});

test('a cancelled stroke has never begun; what is put on the pad can be undone', () => {
  const drawing = new Drawing();
  drawLevel(drawing, 0.2);
  drawing.penDown({ x: 0.1, y: 0.1 }, 0.02);
  drawing.cancel();
  assert.equal(drawing.isDown, false);
  assert.deepEqual(drawing.strokes, [level(0.2)]);
  drawing.put([]);
  assert.ok(drawing.isEmpty);
  drawing.undo();
  assert.deepEqual(drawing.strokes, [level(0.2)]);
});
