/**
 * Changes an image pixel by pixel until the network reads another digit.
 * In:  a network of `cnn.js`, an image of 28 × 28 grey levels, perhaps the digit that is wanted.
 * Out: step by step, the image and what the network says about it. No chance is involved: the same image gives the same pixels.
 *
 * The search is greedy (Su, Vargas and Sakurai 2019 search for one pixel by evolution; here the gradient proposes): what it finds
 * is a way, not the shortest. Only what was tried without exception is called impossible: one pixel, made full ink or blank.
 */

import { digitOf } from './cnn.js';
import { CONFIDENCE, MODEL } from './constants.js';
import { gradientOf } from './gradients.js';
import { answerOf } from './predict.js';

/** @typedef {import('./cnn.js').Network} Network */
/** @typedef {import('./predict.js').Answer} Answer */
/** @typedef {{at: number, level: number}} Change  of one pixel */
/**
 * @typedef {object} Step
 * @property {'tried' | 'changed' | 'taken back' | 'checked'} what tried: a few candidates, for a page that must not stand still;
 *   checked: the same among all single pixels
 * @property {Answer} answer to the image as it is now; its `seen` is that image
 * @property {number[]} changed pixels that differ from the original, in the order in which they were changed
 * @property {number} share of all single pixels that have been tried, while they are
 */
/**
 * @typedef {object} Outcome
 * @property {boolean} found whether the image is now read as another digit, or as the wanted one
 * @property {Answer} answer
 * @property {number[]} changed
 * @property {number} singles how many changes of one pixel were tried, none of which does it; 0: not all were tried
 */

const { IMAGE_SIZE, CLASSES } = MODEL;
const PIXELS = IMAGE_SIZE * IMAGE_SIZE;
/** What a pixel is changed to. */
const LEVELS = [0, 255];
/** Changes that are tried exactly for each pixel of the way: those of which the gradient promises most. */
const CANDIDATES = 24;
/** With more pixels than this, a twentieth of the image, it is no longer the same drawing. */
export const MAX_PIXELS = 40;
/** Runs of the network between two events. */
const AT_ONCE = 4;

/** The digit that the network takes an image for; null when it is in doubt or does not take it for one. @param {Answer} answer */
export function readAs({ result, judgement }) {
  return judgement.verdict === CONFIDENCE.DIGIT ? digitOf(result) : null;
}

/** The pixels in which two images differ. @param {ArrayLike<number>} before @param {ArrayLike<number>} after */
export function differences(before, after) {
  return Array.from({ length: PIXELS }, (_, i) => i).filter((i) => before[i] !== after[i]);
}

/** Whether the answer is what was wanted. @param {Answer} answer @param {number | null} from the digit it was @param {number | null} target null: any other */
export function isFooled(answer, from, target) {
  const digit = readAs(answer);
  return digit !== null && (target === null ? digit !== from : digit === target);
}

/**
 * @param {Network} network
 * @param {Uint8Array} original 784 grey levels
 * @param {number | null} target the wanted digit; null: any other than it is now
 * @param {number} [most] pixels after which it gives up
 * @returns {Generator<Step, Outcome>}
 */
export function* attack(network, original, target, most = MAX_PIXELS) {
  const first = answerOf(network, original);
  const goal = { from: digitOf(first.result), target };
  /** @type {Answer} */
  let answer = first;
  /** @type {number[]} */
  let changed = [];
  const done = (/** @type {Answer} */ each) => isFooled(each, readAs(first), target);
  while (!done(answer) && changed.length < most) {
    answer = yield* bestOf(network, answer, changed, goal);
    changed = [...changed, answer.seen.findIndex((level, i) => level !== original[i] && !changed.includes(i))];
    yield { what: 'changed', answer, changed, share: 0 };
  }
  const found = done(answer);
  if (found) ({ answer, changed } = yield* pruned(network, original, answer, changed, done));
  if (found && changed.length < 2) return { found, answer, changed, singles: 0 };
  const single = yield* everySingle(network, original, answer, changed, done);
  if (typeof single === 'number') return { found, answer, changed, singles: single };
  return { found: true, answer: single, changed: differences(original, single.seen), singles: 0 };
}

/** @typedef {{from: number, target: number | null}} Goal  from: the most likely digit at first, be it in doubt or not */
/** @typedef {(answer: Answer) => boolean} Done */

/** The digits that are wanted, the likeliest first, and the likeliest of the others. @param {Answer} answer @param {Goal} goal */
function sidesOf({ result }, { from, target }) {
  const order = Array.from(result.logProbs.subarray(0, CLASSES).keys()).sort((a, b) => result.logProbs[b] - result.logProbs[a]);
  const isWanted = (/** @type {number} */ digit) => (target === null ? digit !== from : digit === target);
  return { wanted: order.filter(isWanted), other: order.filter((digit) => !isWanted(digit))[0] };
}

/** How far the answer is from the goal: above 0, a wanted digit is the likeliest, and the image is a digit. @param {Network} network @param {Answer} answer @param {Goal} goal */
function marginsOf({ description }, answer, goal) {
  const { logProbs } = answer.result;
  const { wanted, other } = sidesOf(answer, goal);
  const { confidence } = description;
  return {
    digit: logProbs[wanted[0]] - logProbs[other],
    any: confidence ? answer.judgement.score - confidence.digit_from : Infinity,
  };
}

/** The changes of which the gradient promises most. @param {Network} network @param {Answer} answer @param {number[]} changed @param {Goal} goal @returns {Change[]} */
function candidates(network, answer, changed, goal) {
  const { wanted, other } = sidesOf(answer, goal);
  const { digit, any } = marginsOf(network, answer, goal);
  const outputs = answer.result.logProbs.length;
  const against = any < digit && outputs > CLASSES ? CLASSES : other; // what stands in the way: "not a digit", or a digit
  const rivals = goal.target === null ? wanted.slice(0, 3) : wanted;
  const free = Array.from({ length: PIXELS }, (_, i) => i).filter((i) => !changed.includes(i));
  return rivals.flatMap((rival) => {
    const weights = Float32Array.from({ length: outputs }, (_, i) => Number(i === rival) - Number(i === against));
    const gradient = gradientOf(network, answer.result, CONFIDENCE.LOGITS, weights);
    const gain = (/** @type {Change} */ { at, level }) => gradient[at] * (level - answer.seen[at]);
    const all = free.flatMap((at) => LEVELS.map((level) => ({ at, level }))).filter(({ at, level }) => level !== answer.seen[at]);
    return all.sort((a, b) => gain(b) - gain(a)).slice(0, CANDIDATES / rivals.length);
  });
}

/** @param {Network} network @param {Uint8Array} image @param {Change} change @returns {Answer} */
function withChange(network, image, { at, level }) {
  const copy = Uint8Array.from(image);
  copy[at] = level;
  return answerOf(network, copy);
}

/**
 * The answer after the best of some changes.
 * @param {Network} network @param {Answer} answer @param {number[]} changed @param {Goal} goal
 * @returns {Generator<Step, Answer>}
 */
function* bestOf(network, answer, changed, goal) {
  let best = answer;
  let most = -Infinity;
  for (const [i, change] of candidates(network, answer, changed, goal).entries()) {
    const next = withChange(network, answer.seen, change);
    const { digit, any } = marginsOf(network, next, goal);
    if (Math.min(digit, any) > most) [best, most] = [next, Math.min(digit, any)];
    if (i % AT_ONCE === AT_ONCE - 1) yield { what: 'tried', answer, changed, share: 0 };
  }
  return best;
}

/**
 * Without the pixels that are not needed: in the end, none of those that are left can be taken back alone.
 * @param {Network} network @param {Uint8Array} original @param {Answer} answer @param {number[]} changed @param {Done} done
 * @returns {Generator<Step, {answer: Answer, changed: number[]}>}
 */
function* pruned(network, original, answer, changed, done) {
  for (let i = 0; i < changed.length; i += 1) {
    const next = withChange(network, answer.seen, { at: changed[i], level: original[changed[i]] });
    const taken = done(next);
    if (taken) [answer, changed, i] = [next, changed.filter((_, other) => other !== i), -1]; // another may have become needless
    yield { what: taken ? 'taken back' : 'tried', answer, changed, share: 0 };
  }
  return { answer, changed };
}

/**
 * Every single pixel, blank and with full ink: the answer that does it, or how many were tried in vain.
 * @param {Network} network @param {Uint8Array} original @param {Answer} answer @param {number[]} changed @param {Done} done
 * @returns {Generator<Step, Answer | number>}
 */
function* everySingle(network, original, answer, changed, done) {
  let tried = 0;
  for (let at = 0; at < PIXELS; at += 1) {
    for (const level of LEVELS) {
      if (original[at] === level) continue;
      const next = withChange(network, original, { at, level });
      if (done(next)) return next;
      tried += 1;
      if (tried % AT_ONCE === 0) yield { what: 'checked', answer, changed, share: at / PIXELS };
    }
  }
  return tried;
}
