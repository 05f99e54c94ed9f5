/**
 * Numbers as text.
 * In:  probabilities and other values.
 * Out: text.
 */

/** @param {number} probability */
export function percent(probability) {
  const value = 100 * probability;
  if (value >= 99.95) return '> 99.9 %';
  return `${value.toFixed(1)} %`;
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
