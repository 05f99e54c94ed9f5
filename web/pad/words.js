/**
 * What the page says about a digit, in one place for the answer, the chips, the boxes and the card.
 * In:  digits that were read.
 * Out: text, and how sure the network is of each: a class of `page.css`.
 */

import { digitOf } from '../engine/cnn.js';
import { CONFIDENCE } from '../engine/constants.js';
import { ALMOST_ONE, percent } from './format.js';

/** @typedef {Pick<import('../engine/predict.js').Answer, 'result' | 'judgement'>} Judged */
/** @typedef {'sure' | 'doubtful' | 'refused'} State */

/** In the place of what does not look like a digit: among digits, and alone. */
const AMONG_DIGITS = '?';
const ALONE = '–';

/** @param {Judged} digit @returns {State} */
export function stateOf({ judgement: { verdict } }) {
  if (verdict === CONFIDENCE.NOT_A_DIGIT) return 'refused';
  return verdict === CONFIDENCE.UNSURE ? 'doubtful' : 'sure';
}

/** The sign for each of `digits` as the page shows it: a digit only where the network takes it for one. @param {Judged[]} digits @returns {string[]} */
export function signsOf(digits) {
  const refused = digits.length === 1 ? ALONE : AMONG_DIGITS;
  return digits.map((digit) => (stateOf(digit) === 'refused' ? refused : String(digitOf(digit.result))));
}

/** How sure the network is, in a few words. @param {Judged} digit */
export function certaintyOf({ result, judgement }) {
  const { verdict, candidates, probabilities } = judgement;
  if (verdict === CONFIDENCE.UNSURE) return `Unsure: ${candidates[0]} or ${candidates[1]}?`;
  if (verdict === CONFIDENCE.NOT_A_DIGIT) return 'This doesn’t look like a digit';
  const probability = probabilities[digitOf(result)];
  return probability >= ALMOST_ONE ? `Practically certain (${percent(probability)})` : percent(probability);
}

/** @param {number} digit */
export const withArticle = (digit) => `${digit === 8 ? 'an' : 'a'} ${digit}`;

/** The digit that comes closest to what does not look like one. @param {Judged} digit @param {number | null} [turned] what it surely is, mirrored or turned */
export function closestOf({ result }, turned = null) {
  return turned === null ? `If it had to choose: ${digitOf(result)}` : `${withArticle(turned).replace('a', 'A')} the wrong way round?`;
}

/** The whole number, read aloud; nothing for what alone does not look like a digit. @param {(Judged & {line: number})[]} digits */
export function spokenNumber(digits) {
  const lines = [...new Set(digits.map(({ line }) => line))];
  return lines.map((line) => spokenLine(digits.filter((digit) => digit.line === line), digits.length === 1)).join(', new line, ');
}

/** @param {Judged[]} digits @param {boolean} alone */
function spokenLine(digits, alone) {
  if (digits.every((digit) => stateOf(digit) !== 'refused')) return signsOf(digits).join('');
  if (alone) return '';
  return digits.map((digit) => (stateOf(digit) === 'refused' ? 'not a digit' : String(digitOf(digit.result)))).join(', ');
}
