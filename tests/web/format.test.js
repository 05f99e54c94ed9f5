/** Numbers as text. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { barPercent, percent } from '../../web/pad/format.js';

const number = (/** @type {string} */ text) => Number(text.replace(/[>\u00a0%]/g, ''));

test('a bar never says more than the sentence, and 100 % is never said', () => {
  for (let thousandth = 0; thousandth <= 10_000; thousandth += 1) {
    const probability = thousandth / 10_000;
    const [bar, sentence] = [barPercent(probability), percent(probability)];
    assert.ok(number(sentence) < 100);
    if (bar === '') assert.ok(probability < 0.005);
    else assert.ok(Math.abs(number(bar) - number(sentence)) <= 0.5, `${bar} and ${sentence}`);
    if (number(sentence) >= 99.5) assert.equal(number(bar), number(sentence));
    assert.equal(bar.startsWith('>'), sentence.startsWith('>'));
  }
});
