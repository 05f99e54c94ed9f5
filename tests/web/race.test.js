/** The race from 0 to 9, and what is kept of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CONFIDENCE } from '../../web/engine/constants.js';
import { HEIGHT, WIDTH } from '../../web/pad/card.js';
import { disputeCard, timeCard } from '../../web/play/cards.js';
import { Race, seconds } from '../../web/play/race.js';
import { loadScores, saveScores } from '../../web/play/scores.js';

const SEEN = new Uint8Array(784).fill(9);

/** A digit that was read. @param {number} digit @param {import('../../web/engine/confidence.js').Verdict} [verdict] @returns {any} */
const read = (digit, verdict = CONFIDENCE.DIGIT) => ({
  result: { logProbs: Float32Array.from({ length: 11 }, (_, i) => (i === digit ? 0 : -9)) },
  judgement: { verdict, probabilities: [], candidates: [], score: 9 },
  seen: SEEN,
});

test('the clock starts with the first ink and stops when the last stroke of the 9 has ended', () => {
  const race = new Race();
  assert.equal(race.time(500), 0);
  race.begin(1000);
  race.begin(2000);
  for (let digit = 0; digit < 10; digit += 1) {
    assert.equal(race.asked, digit);
    assert.equal(race.isRunning, true);
    race.next(SEEN, 3000 + digit);
  }
  assert.equal(race.isOver, true);
  assert.equal(race.time(99_999), 2009);
  assert.equal(race.skipped, 0);
});

test('only the digit that is asked for counts, alone and without a doubt', () => {
  const race = new Race();
  assert.ok(race.isRight([read(0)]));
  assert.ok(!race.isRight([read(6)]));
  assert.ok(!race.isRight([read(0), read(0)]));
  assert.ok(!race.isRight([read(0, CONFIDENCE.UNSURE)]));
  assert.ok(!race.isRight([read(0, CONFIDENCE.NOT_A_DIGIT)]));
  assert.ok(!race.isRight([]));
});

test('what is skipped is counted', () => {
  const race = new Race();
  race.begin(0);
  race.next(null, 10);
  assert.equal(race.asked, 1);
  assert.equal(race.skipped, 1);
  assert.equal(seconds(14_249), '14.2\u00a0s');
});

test('scores are kept, and anything else that lies in their place is not taken for scores', () => {
  const store = new Map();
  /** @type {any} */ (globalThis).localStorage = {
    getItem: (/** @type {string} */ key) => store.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => store.set(key, value),
  };
  assert.deepEqual(loadScores(), { scores: { best: null, won: [] }, damaged: false });
  saveScores({ best: 14_200 });
  saveScores({ won: [7] });
  assert.deepEqual(loadScores().scores, { best: 14_200, won: [7] });
  const [key] = store.keys();
  for (const text of ['', '{', 'null', '[]', '{"best":-1,"won":[]}', '{"best":"1","won":[]}', '{"best":null,"won":[10]}', '{"best":1}', '1e999']) {
    store.set(key, text);
    const { scores, damaged } = loadScores();
    assert.equal(damaged, true, text);
    assert.deepEqual(scores, { best: 14_200, won: [7] }); // those of the page that is open
  }
  /** @type {any} */ (globalThis).localStorage = { getItem: () => { throw new Error('not allowed'); }, setItem: () => { throw new Error('not allowed'); } };
  saveScores({ best: 9_000 });
  assert.equal(loadScores().scores.best, 9_000);
});

test('the cards have the size of link previews, and something in the accent', () => {
  const palette = /** @type {import('../../web/pad/card.js').Palette} */ ({
    ground: [244, 243, 239], paper: [255, 255, 255], ink: [27, 26, 23], quiet: [106, 103, 95], accent: [194, 65, 12],
  });
  for (const rgb of [timeCard(Array.from({ length: 10 }, () => SEEN), seconds(14_200), palette), disputeCard([], 8, 1, 0.97, palette)]) {
    assert.equal(rgb.length, 3 * WIDTH * HEIGHT);
    let count = 0;
    for (let i = 0; i < rgb.length; i += 3) count += Number(rgb[i] === 194 && rgb[i + 1] === 65 && rgb[i + 2] === 12);
    assert.ok(count > 2000, `${count} pixels`);
  }
});
