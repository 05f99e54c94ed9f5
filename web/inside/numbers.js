/**
 * Numbers that add up as they are printed.
 * In:  terms of a sum.
 * Out: the terms, rounded so that a reader who adds them gets the printed total.
 */

/**
 * @param {number[]} terms
 * @param {number} total their sum
 * @param {number} decimals that will be printed
 * @returns {{terms: number[], total: number}} each rounded up or down, whichever way all of them add up (largest remainders)
 */
export function addingUp(terms, total, decimals) {
  const unit = 10 ** decimals;
  const floors = terms.map((term) => Math.floor(term * unit));
  const whole = Math.round(total * unit);
  const missing = whole - floors.reduce((sum, value) => sum + value, 0);
  const up = terms.map((term, i) => ({ i, rest: term * unit - floors[i] })).sort((a, b) => b.rest - a.rest);
  for (const { i } of up.slice(0, Math.max(0, missing))) floors[i] += 1;
  return { terms: floors.map((value) => value / unit), total: whole / unit };
}

/** Indices of `values`, the one farthest from 0 first. @param {ArrayLike<number>} values */
export function byStrength(values) {
  return Array.from(values, (_, i) => i).sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));
}
