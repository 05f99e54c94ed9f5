/** Drawings in the fragment of a link; the page that restores them is used as a visitor would by `tests/test_share.py`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EXAMPLES } from '../../web/pad/examples.js';
import { decodeFragment, decodeStrokes, encodeFragment, encodeStrokes, simplified } from '../../web/pad/fragment.js';
import { distanceToSegment } from '../../web/pad/strokes.js';

const DRAWINGS = EXAMPLES.map(({ brush, strokes }) =>
  strokes.map((points) => ({ width: brush, points: points.map(([x, y]) => ({ x: x / 1000, y: y / 1000 })) })),
);
/** How far a restored line may lie from the drawn one, in fractions of the pad's side. */
const ERROR = 0.012;

/** @param {{x: number, y: number}} point @param {{x: number, y: number}[]} line */
const distanceToLine = (point, line) =>
  Math.min(...line.map((end, i) => distanceToSegment(point, line[Math.max(0, i - 1)], end)));

/** Pseudorandom numbers in 0…1, the same in every run. @param {number} seed */
function generator(seed) {
  let state = seed;
  return () => {
    state = (1664525 * state + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

test('what is restored lies on what was drawn, with the same brushes, in about 600 characters', () => {
  for (const drawing of DRAWINGS) {
    const text = encodeStrokes(drawing);
    assert.ok(text.length <= 600, `${text.length} characters`);
    assert.match(text, /^[\w.-]*[\w-]$/, 'nothing that links would escape or drop');
    const restored = decodeStrokes(text);
    assert.ok(restored);
    assert.equal(restored.length, drawing.length);
    restored.forEach(({ points, width }, i) => {
      assert.equal(width, Math.round(200 * drawing[i].width) / 200);
      for (const point of points) assert.ok(distanceToLine(point, drawing[i].points) < ERROR);
      for (const point of drawing[i].points) assert.ok(distanceToLine(point, points) < ERROR);
    });
  }
});

test('a dot, the corners of the pad and a straight line', () => {
  const corners = [{ x: 0, y: 0 }, { x: 1, y: 1 }, { x: 1, y: 0 }];
  for (const points of [[{ x: 0.5, y: 0.25 }], corners]) {
    const restored = decodeStrokes(encodeStrokes([{ points, width: 0.125 }]));
    assert.ok(restored);
    assert.deepEqual(restored[0].points[0], points[0]);
    assert.deepEqual(restored[0].points[restored[0].points.length - 1], points[points.length - 1]);
  }
  const straight = Array.from({ length: 50 }, (_, i) => ({ x: i / 50, y: i / 50 }));
  assert.equal(simplified(straight, 0.002).length, 2);
});

test('tab, digit and cell come back; what is odd among them is left out', () => {
  const shared = { draw: 'NAA', tab: 'inside', digit: 1, cell: 'conv3.0.7.12' };
  assert.deepEqual(decodeFragment(encodeFragment(shared)), shared);
  const none = { draw: '', tab: '', digit: null, cell: '' };
  assert.deepEqual(decodeFragment(''), none);
  assert.deepEqual(decodeFragment('tab=<b>&digit=-1&cell=../../x&other=1'), none);
  assert.deepEqual(decodeFragment('%%%&digit=1e9&tab=' + 'a'.repeat(99)), none);
});

test('300 hostile texts give a drawing on the pad or nothing, and never an error', () => {
  const random = generator(1);
  const good = encodeStrokes(DRAWINGS[4]);
  const signs = 'ABCZabcz019-_.%&=#<>"\\ \n\u0000é🙂';
  const any = (/** @type {number} */ length) => Array.from({ length }, () => signs[Math.floor(random() * signs.length)]).join('');
  const kinds = [
    () => any(Math.floor(random() * 200)),
    () => good.slice(0, Math.floor(random() * good.length)),
    () => good.replace(/./g, (sign) => (random() < 0.03 ? any(1) : sign)),
    () => 'N'.repeat(Math.floor(random() * 20_000)),
    () => `N${'_'.repeat(Math.floor(random() * 50))}A`,
    () => Array.from({ length: 2_000 }, () => 'NAA').join('.'),
  ];
  let refused = 0;
  for (let i = 0; i < 300; i += 1) {
    const strokes = decodeStrokes(decodeFragment(`draw=${kinds[i % kinds.length]()}`).draw);
    if (!strokes) refused += 1;
    for (const { points, width } of strokes ?? []) {
      assert.ok(width > 0 && points.length > 0);
      assert.ok(points.every(({ x, y }) => x >= 0 && x <= 1 && y >= 0 && y <= 1));
    }
  }
  assert.ok(refused > 100);
});
