/**
 * From a picture or from strokes to digits. The JavaScript counterpart of `mnist_cnn/predict.py`.
 */

import { onCanvas } from './canvas.js';
import { digitOf } from './cnn.js';
import { judge, rotate } from './confidence.js';
import { BACKGROUND, CONFIDENCE, PHOTO, PREDICT, ROWS } from './constants.js';
import { clean, isPhoto } from './photo.js';
import { fitInk, inkOf, place, views } from './picture.js';
import { foreground } from './raster.js';
import { groupLines, splitInk } from './segmentation.js';
import { strokeInk } from './strokes.js';

/** @typedef {import('./cnn.js').Network} Network */
/** @typedef {import('./picture.js').Ink} Ink */
/** @typedef {import('./raster.js').Grey} Grey */
/** @typedef {import('./raster.js').Picture} Picture */
/** @typedef {import('./strokes.js').Point} Point */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box  in fractions of the picture's, or the pad's, sides */
/** @typedef {{seen: Uint8Array, result: import('./cnn.js').Result, judgement: import('./confidence.js').Judgement}} Answer  seen: 28 × 28 grey levels */
/** @typedef {Answer & {box: Box, line: number, ink: Ink}} FoundDigit  line: 0 at the top; ink: the step before `seen`, scaled but not yet in its place */

const { MIN_TURNED, MIN_GAIN, MANY_PIECES, MIN_SHARE_TURNED, NUMBER_LOG_ODDS } = PREDICT;
const { TURNED_LOG_ODDS, MIN_SHARE_SURE, WORD_LOG_ODDS, WORD_GAP } = PREDICT;
const { MIN_LETTERS, USUAL_HEIGHT, SHORT_COST } = ROWS;

/** The digits of a picture, line by line. @param {Network} network @param {Picture} picture @returns {FoundDigit[]} */
export function readPicture(network, picture) {
  const ink = inkOf(picture);
  const digits = readInk(network, ink);
  if (digits.length && sure(digits) <= 0 && Math.min(picture.width, picture.height) >= BACKGROUND.MIN_PHOTO_SIZE) {
    const canvas = onCanvas(picture);
    const cleaned = foreground(clean(canvas, isPhoto(canvas) ? PHOTO.MIN_CLOSING_SIZE : PHOTO.CLOSING_SIZE));
    const found = readInk(network, cleaned);
    if (sure(found) > Math.max(0, sure(digits))) return fromAllSides(network, cleaned, found);
  }
  return fromAllSides(network, ink, digits);
}

/** The digits as they are, or from another side of the picture if more look like one there. @param {Network} network @param {Grey} ink @param {FoundDigit[]} digits */
function fromAllSides(network, ink, digits) {
  let best = digits;
  if (digits.length < MIN_TURNED || sure(digits) > digits.length / 2) return best;
  for (const turns of likelySides(network, digits)) {
    const found = readInk(network, turned(ink, turns), turns);
    if (sure(found) >= Math.max(MIN_TURNED, sure(best) + MIN_GAIN) && areNoLetters(network, found)) best = found;
  }
  return best;
}

/** By how many quarters a page on which the digits were found is worth turning to the left: some of 1, 2 and 3. @param {Network} network @param {FoundDigit[]} digits */
function likelySides(network, digits) {
  if (digits.length < MANY_PIECES) return [1, 2, 3];
  const isDigit = (/** @type {Uint8Array} */ view) => answerOf(network, view).judgement.verdict === CONFIDENCE.DIGIT;
  const areDigits = digits.map(({ seen }) => views(seen).slice(2).map(isDigit));
  return [1, 2, 3].filter((turns) => areDigits.filter((sides) => sides[turns - 1]).length / digits.length >= MIN_SHARE_TURNED);
}

/** Whether enough of what was seen from another side are surely digits: letters there look a little like some. @param {Network} network @param {FoundDigit[]} digits */
function areNoLetters(network, digits) {
  const strict = stricter(network, TURNED_LOG_ODDS);
  const refused = digits.filter(({ seen }) => answerOf(strict, seen).judgement.verdict === CONFIDENCE.NOT_A_DIGIT);
  return refused.length <= (1 - MIN_SHARE_SURE) * digits.length;
}

/** The network with a threshold for digits that is higher by so much. @param {Network} network @param {number} logOdds @returns {Network} */
function stricter(network, logOdds) {
  const { description } = network;
  const { confidence } = description;
  if (!confidence) return network;
  return { ...network, description: { ...description, confidence: { ...confidence, digit_from: confidence.digit_from + logOdds } } };
}

/** How many digits look like one, less those that do not. @param {FoundDigit[]} digits */
function sure(digits) {
  const { DIGIT, NOT_A_DIGIT } = CONFIDENCE;
  return digits.reduce((sum, { judgement: { verdict } }) => sum + Number(verdict === DIGIT) - Number(verdict === NOT_A_DIGIT), 0);
}

/** Turned to the left by so many quarters. @param {Grey} image @param {number} turns @returns {Grey} */
function turned(image, turns) {
  if (turns === 0) return image;
  const { data, width, height } = image;
  const result = { data: new Float32Array(data.length), width: height, height: width };
  for (let y = 0; y < width; y += 1) for (let x = 0; x < height; x += 1) result.data[y * height + x] = data[x * width + width - 1 - y];
  return turned(result, turns - 1);
}

/** A box of a picture that was turned to the left by so many quarters -> of the picture itself. @param {Box} box @param {number} turns @returns {Box} */
function turnedBack({ left, top, right, bottom }, turns) {
  if (turns === 0) return { left, top, right, bottom };
  return turnedBack({ left: 1 - bottom, top: left, right: 1 - top, bottom: right }, turns - 1);
}

/**
 * The digits of a picture's ink, as `inkOf` gives it, line by line.
 * @param {Network} network @param {Grey} whole
 * @param {number} [turns] by how many quarters the ink was turned to the left
 * @returns {FoundDigit[]}
 */
export function readInk(network, whole, turns = 0) {
  /** @type {Box[]} */
  const places = [];
  const digits = splitInk(whole, network).flatMap(({ box: [left, top, right, bottom], ink, line }) => {
    const fitted = fitInk(ink);
    if (!fitted) return [];
    places.push({ left, top, right, bottom });
    const shares = { left: left / whole.width, top: top / whole.height, right: right / whole.width, bottom: bottom / whole.height };
    return [{ ...answerOf(network, place(fitted)), box: turnedBack(shares, turns), line, ink: fitted }];
  });
  return inLines(network, digits, places);
}

/**
 * The digits of strokes, line by line; points are in fractions of the pad's side.
 * @param {Network} network
 * @param {Point[][]} strokes
 * @param {boolean} [ended] false while the pen moves: then one look at each is enough, because frames are short
 * @returns {FoundDigit[]}
 */
export function readStrokes(network, strokes, ended = true) {
  const digits = groupLines(strokes, network).flatMap((groups, line) =>
    groups.flatMap((group) => {
      const own = group.map((stroke) => strokes[stroke]);
      const ink = strokeInk(own);
      return ink ? [{ ...answerOf(network, place(ink), ended), box: boxOf(own.flat()), line, ink }] : [];
    }),
  );
  return inLines(network, digits, digits.map(({ box }) => box), ended);
}

/**
 * The digits, those judged once more about which their line says something. Where most of it looks like digits, another is likelier
 * one, and something short, such as a hyphen, is less likely one. In one of letters, what stands in a word with one is hardly a digit.
 * @template {Answer & {line: number}} T
 * @param {Network} network @param {T[]} digits
 * @param {Box[]} places of the digits as they are read, in any unit
 * @param {boolean} [ended] as for `readStrokes`
 * @returns {T[]}
 */
export function inLines(network, digits, places, ended = true) {
  if (!network.description.confidence) return digits;
  const refused = digits.map(({ judgement }) => judgement.verdict === CONFIDENCE.NOT_A_DIGIT);
  const heights = places.map(({ top, bottom }) => bottom - top);
  return digits.map((digit, number) => {
    const line = [...digits.keys()].filter((other) => digits[other].line === digit.line);
    const read = line.filter((other) => !refused[other]).map((other) => heights[other]);
    let logOdds = 0;
    if (2 * read.length > line.length) {
      const tallest = Math.max(...read);
      const missing = tallest > 0 ? Math.max(0, USUAL_HEIGHT - heights[number] / tallest) : 0;
      if (refused[number] || missing > 0) logOdds = SHORT_COST * missing - NUMBER_LOG_ODDS;
    } else if (!refused[number] && line.length - read.length >= MIN_LETTERS) {
      const word = wordOf(number, line, places, WORD_GAP * Math.max(...line.map((other) => heights[other])));
      if (word.some((other) => refused[other])) logOdds = WORD_LOG_ODDS;
    }
    return logOdds ? { ...digit, ...answerOf(stricter(network, logOdds), digit.seen, ended) } : digit;
  });
}

/** Those of a line in one word with one of them: no two neighbours are further apart than `gap`. @param {number} number @param {number[]} line @param {Box[]} places @param {number} gap */
function wordOf(number, line, places, gap) {
  /** @type {number[]} */
  let word = [];
  let end = -Infinity;
  for (const other of [...line].sort((a, b) => places[a].left - places[b].left)) {
    if (places[other].left - end > gap) {
      if (word.includes(number)) break;
      word = [];
    }
    word.push(other);
    end = Math.max(end, places[other].right);
  }
  return word;
}

/** All digits that look like one, lines joined with a newline. @param {Pick<FoundDigit, 'result' | 'judgement' | 'line'>[]} digits */
export function numberOf(digits) {
  const written = digits.filter(({ judgement }) => judgement.verdict !== CONFIDENCE.NOT_A_DIGIT);
  const lines = [...new Set(written.map(({ line }) => line))].sort((a, b) => a - b);
  const inLine = (/** @type {number} */ line) => written.filter((digit) => digit.line === line);
  return lines.map((line) => inLine(line).map(({ result }) => digitOf(result)).join('')).join('\n');
}

/** What the network says about an image as MNIST would have it. @param {Network} network @param {Uint8Array} seen @param {boolean} [ended] as for `readStrokes` @returns {Answer} */
export function answerOf(network, seen, ended = true) {
  const result = network.run(seen);
  const rotated = (/** @type {number} */ degrees) => network.run(rotate(seen, degrees));
  return { seen, result, judgement: judge(network.description.confidence, result, ended ? rotated : undefined) };
}

/** The box around points, of which there is at least one. @param {Point[]} points @returns {Box} */
export function boxOf(points) {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}
