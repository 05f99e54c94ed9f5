/** The search for pixels, on networks whose answers can be calculated by hand; `tests/test_play_fool.py` has the shipped one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { attack, differences, isFooled, readAs } from '../../web/engine/attack.js';
import { networkOf } from '../../web/engine/cnn.js';
import { answerOf } from '../../web/engine/predict.js';

const PIXELS = 784;
/** @param {number[]} pixels */
const sorted = (pixels) => [...pixels].sort((a, b) => a - b);
const BLANK = new Uint8Array(PIXELS);

/** Ten scores that are weighted sums of the pixels. @param {(digit: number, pixel: number) => number} weight @param {number[]} biases */
function linear(weight, biases) {
  const weights = new Float32Array(11 * PIXELS);
  for (let digit = 0; digit < 10; digit += 1) {
    for (let pixel = 0; pixel < PIXELS; pixel += 1) weights[digit * PIXELS + pixel] = weight(digit, pixel);
    weights[10 * PIXELS + digit] = biases[digit] ?? -100;
  }
  /** @type {import('../../web/engine/cnn.js').Layer[]} */
  const layers = [
    { name: 'flatten', kind: 'flatten' },
    { name: 'fc1', kind: 'linear', outChannels: 10, weight: 0, bias: 10 * PIXELS },
    { name: 'log_softmax', kind: 'log_softmax' },
  ];
  return networkOf({ name: 'linear', parameters: 0, mean: 0, std: 1, values: weights.length, crc32: 0, layers }, weights);
}

/** @param {ReturnType<typeof attack>} search */
function run(search) {
  /** @type {import('../../web/engine/attack.js').Step[]} */
  const steps = [];
  for (;;) {
    const { done, value } = search.next();
    if (done) return { steps, outcome: value };
    steps.push(value);
  }
}

test('two pixels that each add half of what is missing: both are found, and that one is not enough is tried, not guessed', () => {
  const network = linear((digit, pixel) => (digit === 1 && (pixel === 400 || pixel === 500) ? 1 : 0), [1.5, 0]);
  const { outcome } = run(attack(network, BLANK, null));
  assert.equal(outcome.found, true);
  assert.equal(readAs(outcome.answer), 1);
  assert.deepEqual(sorted(outcome.changed), [400, 500]);
  assert.equal(outcome.singles, PIXELS);
});

test('one pixel that is enough is found, whatever the gradient at first promises', () => {
  const network = linear((digit, pixel) => (digit === 3 && pixel === 77 ? 5 : 0), [4, 0, 0, 0]);
  const { outcome } = run(attack(network, BLANK, null));
  assert.deepEqual(outcome.changed, [77]);
  assert.equal(outcome.singles, 0);
});

test('the wanted digit is reached past another that is nearer', () => {
  const network = linear((digit, pixel) => (digit === 1 && pixel === 5 ? 9 : digit === 2 && pixel < 4 ? 1 : 0), [3.5, 3, 0]);
  assert.equal(readAs(run(attack(network, BLANK, null)).outcome.answer), 1);
  const { outcome } = run(attack(network, BLANK, 2));
  assert.equal(readAs(outcome.answer), 2);
  assert.equal(outcome.changed.length, 4);
});

test('the pixels that are reported are those that differ, in every step; none that is left can be taken back', () => {
  let state = 7;
  const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const table = Array.from({ length: 10 * PIXELS }, () => random() ** 4);
  const image = Uint8Array.from({ length: PIXELS }, () => 256 * random());
  const network = linear((digit, pixel) => table[digit * PIXELS + pixel], Array.from({ length: 10 }, () => 0));
  const from = readAs(answerOf(network, image));
  for (const target of [null, 0, 1, 2].filter((digit) => digit !== from)) {
    const { steps, outcome } = run(attack(network, image, target));
    for (const { answer, changed } of [...steps, outcome]) assert.deepEqual(sorted(changed), differences(image, answer.seen));
    assert.equal(outcome.found, true);
    assert.ok(isFooled(outcome.answer, from, target));
    for (const at of outcome.changed) {
      const copy = Uint8Array.from(outcome.answer.seen);
      copy[at] = image[at];
      assert.ok(!isFooled(answerOf(network, copy), from, target), `pixel ${at} is not needed`);
    }
  }
});

test('the same image gives the same pixels, and is not changed itself', () => {
  const network = linear((digit, pixel) => Math.sin(digit * 3 + pixel), [9]);
  const image = Uint8Array.from(BLANK);
  const [first, second] = [0, 1].map(() => run(attack(network, image, null)).outcome.changed);
  assert.deepEqual(first, second);
  assert.deepEqual(image, BLANK);
});

test('where there is no way, it gives up after as many pixels as it may change', () => {
  const { outcome, steps } = run(attack(linear(() => 0, [1]), BLANK, 4, 6));
  assert.equal(outcome.found, false);
  assert.equal(outcome.changed.length, 6);
  assert.equal(steps.filter(({ what }) => what === 'changed').length, 6);
});
