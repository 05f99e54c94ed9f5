/** `web/engine/cnn.js` against sums written out by hand; `tests/test_engine.py` compares it with PyTorch. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { crc32, createNetwork } from '../../web/engine/cnn.js';

/** @typedef {import('../../web/engine/cnn.js').Layer} Layer */

/** @param {Layer[]} layers @param {number[]} values */
function network(layers, values) {
  const weights = Float32Array.from(values);
  const description = {
    name: 'test', parameters: 0, mean: 0, std: 1 / 255, crc32: checksum(weights.buffer), values: values.length, layers,
  };
  return createNetwork(description, weights.buffer);
}

/** @param {ArrayBuffer} buffer */
function checksum(buffer) {
  return crc32(new Uint8Array(buffer));
}

/** An image with one bright pixel. @param {number} row @param {number} column @param {number} level */
function pixel(row, column, level = 1) {
  const image = new Uint8Array(784);
  image[28 * row + column] = level;
  return image;
}

for (const [kernel, padding] of [[1, 0], [2, 0], [3, 0], [3, 1], [5, 2], [7, 0]]) {
  test(`a ${kernel}×${kernel} convolution with padding ${padding} lays its mirrored kernel around a bright pixel`, () => {
    const kernelValues = Array.from({ length: kernel * kernel }, (_, i) => i + 1);
    const layers = /** @type {Layer[]} */ ([{ name: 'conv1', kind: 'conv', outChannels: 1, kernel, padding, weight: 0, bias: kernel * kernel }]);
    const { activations } = network(layers, [...kernelValues, 100]).run(pixel(27, 27));
    const maps = activations.get('conv1');
    assert.ok(maps);
    const size = 28 + 2 * padding - kernel + 1;
    assert.equal(maps.size, size);
    for (let row = 0; row < size; row += 1) {
      for (let column = 0; column < size; column += 1) {
        const [ky, kx] = [27 + padding - row, 27 + padding - column];
        const inside = ky >= 0 && ky < kernel && kx >= 0 && kx < kernel;
        assert.equal(maps.data[row * size + column], 100 + (inside ? kernelValues[ky * kernel + kx] : 0), `at ${row}, ${column}`);
      }
    }
  });
}

test('poolings take the largest value and the mean, and drop what is left at the border', () => {
  const image = pixel(2, 4, 9);
  const largest = network([{ name: 'pool1', kind: 'maxpool', kernel: 3 }], []).run(image).activations.get('pool1');
  assert.equal(largest?.size, 9);
  assert.deepEqual(largest?.data.indexOf(9), 1);
  const mean = network([{ name: 'mean', kind: 'avgpool', kernel: 28 }], []).run(image).activations.get('mean');
  assert.ok(Math.abs((mean?.data[0] ?? 0) - 9 / 784) < 1e-6);
});

test('scale and shift, ReLU, linear and log-softmax', () => {
  const layers = /** @type {Layer[]} */ ([
    { name: 'mean', kind: 'avgpool', kernel: 28 },
    { name: 'bn1', kind: 'affine', weight: 0, bias: 1 },
    { name: 'relu1', kind: 'relu' },
    { name: 'flatten', kind: 'flatten' },
    { name: 'fc1', kind: 'linear', outChannels: 2, weight: 2, bias: 4 },
    { name: 'log_softmax', kind: 'log_softmax' },
  ]);
  const bright = new Uint8Array(784).fill(3);
  const { logProbs, activations } = network(layers, [2, -1, 1, -1, 0, 1000]).run(bright);
  assert.deepEqual([...(activations.get('bn1')?.data ?? [])], [5]);
  assert.deepEqual([...(activations.get('fc1')?.data ?? [])], [5, 995]);
  assert.deepEqual([...logProbs], [-990, 0]); // a plain softmax would overflow
  assert.equal(network(layers.slice(0, 3), [-2, 1]).run(bright).activations.get('relu1')?.data[0], 0);
});

test('an image that was changed is run anew, the same image is not', () => {
  const net = network([{ name: 'fc1', kind: 'linear', outChannels: 1, weight: 0, bias: 784 }], new Array(785).fill(1));
  const image = pixel(3, 4, 7);
  const first = net.run(image);
  assert.equal(net.run(Uint8Array.from(image)), first);
  image[0] = 5;
  assert.equal(net.run(image).logProbs[0], first.logProbs[0] + 5);
  image[0] = 0;
  assert.equal(net.run(image), first);
  for (let level = 10; level < 250; level += 1) net.run(pixel(0, 0, level));
  assert.notEqual(net.run(image), first); // forgotten: so many images are not kept
  assert.deepEqual(net.run(image).logProbs, first.logProbs);
});

test('the checksum has the value that its inventors publish for checking', () => {
  assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
});

test('damaged or truncated weights are refused in words', () => {
  const weights = new Float32Array([1, 2, 3]);
  const description = { name: 'test', parameters: 3, mean: 0, std: 1, crc32: checksum(weights.buffer), values: 3, layers: [] };
  createNetwork(description, weights.buffer);
  assert.throws(() => createNetwork(description, weights.buffer.slice(4)), /damaged\. Reload/);
  assert.throws(() => createNetwork({ ...description, crc32: 1 }, weights.buffer), /damaged\. Reload/);
});
