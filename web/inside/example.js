/**
 * What *Inside* shows while the pad is empty.
 * In:  a reading of an empty pad.
 * Out: the reading of an example.
 */

import { EXAMPLES } from '../pad/examples.js';
import { EXAMPLE_UNIT } from '../pad/imports.js';
import { readDigits } from '../pad/read.js';

/** @typedef {import('./inside.js').Answered} Answered */
/** @typedef {import('../pad/demo.js').Reading} Reading */

const NAME = 'an 8';

/** @type {Answered | null} */
let cached = null;

/** The strokes of the example. @returns {import('../pad/strokes.js').Stroke[]} */
export function exampleStrokes() {
  const example = EXAMPLES.find(({ name }) => name === NAME) ?? EXAMPLES[0];
  return example.strokes.map((points) => ({
    points: points.map(([x, y]) => ({ x: x / EXAMPLE_UNIT, y: y / EXAMPLE_UNIT })),
    width: example.brush,
  }));
}

/** @param {Reading} reading @returns {Answered} */
export function exampleOf({ network }) {
  if (cached?.network !== network) {
    const strokes = exampleStrokes();
    const digits = readDigits(network, strokes);
    cached = { network, strokes, digits, digit: digits[0], ended: true, example: true };
  }
  return cached;
}
