/** What a value is made of, on a network small enough to calculate by hand; and numbers that add up as printed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createNetwork, crc32 } from '../../web/engine/cnn.js';
import { convolutionOf, inkConvolutionOf, scoreOf, sumsByMap } from '../../web/engine/contributions.js';
import { addingUp, byStrength } from '../../web/inside/numbers.js';

const random = (() => {
  let state = 1;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647 - 0.5;
})();

/** conv 3×3 of 2 maps, conv 3×3 padded of 3 maps, average of 13, linear to 11. */
function smallNetwork() {
  /** @type {import('../../web/engine/cnn.js').Layer[]} */
  const layers = [
    { name: 'conv1', kind: 'conv', outChannels: 2, kernel: 3, padding: 0, weight: 0, bias: 18 },
    { name: 'conv2', kind: 'conv', outChannels: 3, kernel: 3, padding: 1, weight: 20, bias: 74 },
    { name: 'mean', kind: 'avgpool', kernel: 26 },
    { name: 'flatten', kind: 'flatten' },
    { name: 'fc1', kind: 'linear', outChannels: 11, weight: 77, bias: 110 },
    { name: 'log_softmax', kind: 'log_softmax' },
  ];
  const weights = Float32Array.from({ length: 121 }, random);
  const description = { name: 'small', parameters: 121, mean: 0.13, std: 0.31, values: 121, crc32: crc32(new Uint8Array(weights.buffer)), layers };
  return createNetwork(description, weights.buffer);
}

const network = smallNetwork();
const image = Uint8Array.from({ length: 784 }, () => Math.floor(255 * (random() + 0.5)));
const result = network.run(image);

/** @param {string} name @param {{map: number, row: number, column: number}} cell */
function valueAt(name, { map, row, column }) {
  const maps = result.activations.get(name);
  assert.ok(maps);
  return maps.data[(map * maps.size + row) * maps.size + column];
}

test('the terms of a convolution add up to the value, at the border too', () => {
  for (const cell of [{ map: 1, row: 5, column: 7 }, { map: 2, row: 0, column: 25 }]) {
    const found = convolutionOf(network, result, 'conv2', cell);
    const sums = sumsByMap(found);
    assert.equal(sums.length, 2);
    assert.ok(Math.abs(found.total - valueAt('conv2', cell)) < 1e-4);
    assert.ok(Math.abs(sums[0] + sums[1] + found.bias - found.total) < 1e-5);
  }
});

test('the first convolution in ink: the patch is the drawing’s own pixels', () => {
  const cell = { map: 1, row: 10, column: 4 };
  const { patch, filter, bias, total } = inkConvolutionOf(network, result, 'conv1', cell);
  patch.forEach((ink, i) => assert.ok(Math.abs(ink - image[(10 + Math.floor(i / 3)) * 28 + 4 + (i % 3)] / 255) < 1e-5));
  const sum = patch.reduce((so_far, ink, i) => so_far + ink * filter[i], bias);
  assert.ok(Math.abs(sum - valueAt('conv1', cell)) < 1e-4);
  assert.ok(Math.abs(total - sum) < 1e-4);
});

test('a score is the sum of means times weights and the bias; the eleventh output too', () => {
  for (const output of [3, 10]) {
    const { terms, weights, means, bias, total } = scoreOf(network, result, 'fc1', output);
    assert.ok(weights);
    terms.forEach((term, map) => assert.ok(Math.abs(term - means[map] * weights[map]) < 1e-6));
    assert.ok(Math.abs(terms.reduce((sum, term) => sum + term, bias) - total) < 1e-6);
    assert.ok(Math.abs(total - (result.activations.get('fc1')?.data[output] ?? NaN)) < 1e-4);
  }
});

test('printed terms add up to the printed total', () => {
  for (let round = 0; round < 200; round += 1) {
    const exact = Array.from({ length: 10 }, () => 4 * random());
    const sum = exact.reduce((so_far, term) => so_far + term, 0);
    const { terms, total } = addingUp(exact, sum, 2);
    assert.equal(Math.round(100 * terms.reduce((so_far, term) => so_far + term, 0)), Math.round(100 * total));
    assert.ok(Math.abs(total - sum) <= 0.005 + 1e-9);
    terms.forEach((term, i) => assert.ok(Math.abs(term - exact[i]) < 0.01));
  }
});

test('the strongest first, whatever the sign', () => {
  assert.deepEqual(byStrength([0.1, -3, 2]), [1, 2, 0]);
});
