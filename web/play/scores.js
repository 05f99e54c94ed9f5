/**
 * Scores of the challenges, kept in this browser alone.
 * In:  the best time, the digits that were won.
 * Out: the same when the page is opened again; without a store, as long as the page is open.
 */

import { MODEL } from '../engine/constants.js';

/** @typedef {{best: number | null, won: number[]}} Scores  best: in milliseconds; won: digits that the visitor read and the network did not */

const KEY = 'draw-a-digit-scores';
const HOUR = 3_600_000;

/** @type {Scores} */
let scores = { best: null, won: [] };

/** What is kept, and whether there was something that could not be used. @returns {{scores: Scores, damaged: boolean}} */
export function loadScores() {
  let text = null;
  try {
    text = localStorage.getItem(KEY);
  } catch {
    return { scores, damaged: false }; // the browser keeps nothing for this page
  }
  if (text === null) return { scores, damaged: false };
  try {
    scores = checked(JSON.parse(text));
    return { scores, damaged: false };
  } catch {
    return { scores, damaged: true };
  }
}

/** @param {Partial<Scores>} part */
export function saveScores(part) {
  scores = { ...scores, ...part };
  try {
    localStorage.setItem(KEY, JSON.stringify(scores));
  } catch {
    // full, or not allowed: kept until the page is closed
  }
  return scores;
}

/** @param {any} value as it was kept, which could be anything @returns {Scores} throws when it is something else */
function checked({ best, won }) {
  const isTime = best === null || (typeof best === 'number' && best > 0 && best < HOUR);
  const isDigit = (/** @type {unknown} */ each) => Number.isInteger(each) && Number(each) >= 0 && Number(each) < MODEL.CLASSES;
  if (!isTime || !Array.isArray(won) || !won.every(isDigit)) throw new Error('these are not scores');
  return { best, won: [...new Set(won)] };
}
