/**
 * Numbers as text.
 * In:  probabilities and other values.
 * Out: text.
 */

/** From this probability on, a whole number or one decimal would say 100 %, which no network can know. */
export const ALMOST_ONE = 0.9995;
/** From here on, a whole percent would say more than `percent` does. */
const TOO_MUCH = 0.9945;
/** Below, a whole percent would be 0. */
const TOO_LITTLE = 0.005;

/** @param {number} probability */
export const percent = (probability) => (probability >= ALMOST_ONE ? '>\u00a099.9\u00a0%' : `${(100 * probability).toFixed(1)}\u00a0%`);

/** Over a bar, where there is little room: whole percents, unless they would contradict `percent`; nothing for none. @param {number} probability */
export function barPercent(probability) {
  if (probability < TOO_LITTLE) return '';
  return probability < TOO_MUCH ? String(Math.round(100 * probability)) : percent(probability).replace(/[\u00a0%]/g, '');
}

/** With a minus sign, not a hyphen, and never before a zero. @param {number} value @param {number} [decimals] */
export const fixed = (value, decimals = 2) => value.toFixed(decimals).replace(/^-(?=[0.]*$)/, '').replace('-', '−');

/** Small values in powers of ten. @param {number} value at least 0 */
export function scientific(value) {
  if (value >= 0.01) return value.toFixed(value < 10 ? 3 : 1);
  const [digits, exponent] = value.toExponential(1).split('e-');
  return `${digits}·10⁻${exponent.replace(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)])}`;
}

/** The natural logarithm of a probability, in powers of ten when close to 0. @param {number} probability */
export function logarithm(probability) {
  const value = Math.log(probability);
  return value > -0.01 && value < 0 ? `−${scientific(-value)}` : fixed(value);
}
