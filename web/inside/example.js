/**
 * What *Inside* shows while the pad is empty.
 * In:  a reading of an empty pad.
 * Out: the reading of an example.
 */

import { EXAMPLES } from '../pad/examples.js';
import { exampleStrokes } from '../pad/imports.js';
import { readDigits } from '../pad/read.js';

/** @typedef {import('./inside.js').Answered} Answered */
/** @typedef {import('../pad/demo.js').Reading} Reading */

/** Shown while the pad is empty. */
export const EXAMPLE = exampleStrokes(EXAMPLES.find(({ name }) => name === 'an 8') ?? EXAMPLES[0]);

/** @type {Answered | null} */
let cached = null;

/** @param {Reading} reading @returns {Answered} */
export function exampleOf({ network }) {
  if (cached?.network !== network) {
    const digits = readDigits(network, EXAMPLE, true);
    cached = { network, strokes: EXAMPLE, digits, digit: digits[0], ended: true, example: true };
  }
  return cached;
}
