/**
 * Small images with four bits a pixel, as `to_four_bits` in `mnist_cnn/packed.py` makes them.
 * In:  bytes with two pixels each.
 * Out: grey levels, 0…255.
 */

import { MODEL } from './constants.js';

const { IMAGE_SIZE } = MODEL;
const FOUR_BITS = 15;

/** Images with two pixels in a byte -> 784 grey levels each. @param {ArrayLike<number>} pixels @returns {Uint8Array[]} */
export function fromFourBits(pixels) {
  const size = IMAGE_SIZE * IMAGE_SIZE;
  const step = 255 / FOUR_BITS;
  return Array.from({ length: (2 * pixels.length) / size }, (_, image) =>
    Uint8Array.from({ length: size }, (__, i) => {
      const byte = pixels[(image * size + i) >> 1];
      return step * (i % 2 ? byte & FOUR_BITS : byte >> 4);
    }),
  );
}
