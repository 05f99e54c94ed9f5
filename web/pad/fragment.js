/**
 * A drawing as text that fits into a link, and back.
 * In:  strokes, or the fragment of an address, which could be anything.
 * Out: text; strokes, or null for a text that is damaged. No document is needed: it runs in Node too.
 *
 * Points are simplified by the algorithm of Ramer, Douglas and Peucker and written as Google's encoded polylines are: differences
 * in a variable number of characters, here those of base64url, which links keep as they are.
 */

import { STROKES } from '../engine/constants.js';
import { densified, distanceToSegment } from './strokes.js';

/** @typedef {import('./strokes.js').Point} Point */
/** @typedef {import('./strokes.js').Stroke} Stroke */
/**
 * @typedef {object} Shared  what a link restores
 * @property {string} draw strokes, as `encodeStrokes` writes them; empty: none
 * @property {string} tab name of a tab; empty: the first
 * @property {number | null} digit index of the selected digit; null: the last
 * @property {string} cell what is chosen in *Inside*, as its modules write it
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Between strokes. */
const SEPARATOR = '.';
/** Steps of the pad's side that can be told apart, and steps of a brush's width per side. */
const GRID = 600;
const WIDTHS = 200;
/** Characters that are aimed at. */
const LENGTH = 600;
/** A longer text is not a drawing of this page. */
const MAX_LENGTH = 8000;
/** How far simplified lines may lie from the points, in fractions of the pad's side: the first that gives a short text is taken. */
const TOLERANCES = [0.002, 0.003, 0.0045, 0.007, 0.01];
/** Between points of a restored stroke, so that smoothing keeps its corners. */
const STEP = 0.02;
const CELL = /^[a-z0-9]{1,12}(?:\.\d{1,3}){0,3}$/;
const TAB = /^[a-z]{1,16}$/;

/** @param {Stroke[]} strokes without a picture among them @returns {string} */
export function encodeStrokes(strokes) {
  const texts = TOLERANCES.map((tolerance) => strokes.map((stroke) => encodeStroke(stroke, tolerance)).join(SEPARATOR));
  return texts.find((text) => text.length <= LENGTH) ?? texts[texts.length - 1];
}

/** @param {string} text @returns {Stroke[] | null} null when it is not what `encodeStrokes` writes */
export function decodeStrokes(text) {
  if (text.length > MAX_LENGTH) return null;
  const parts = text.split(SEPARATOR);
  if (parts.length > STROKES.MAX_STROKES) return null;
  const strokes = parts.map(decodeStroke).filter((stroke) => stroke !== null);
  const points = strokes.reduce((sum, stroke) => sum + stroke.points.length, 0);
  return strokes.length === parts.length && points <= STROKES.MAX_POINTS ? strokes : null;
}

/** @param {Shared} shared @returns {string} without the leading # */
export function encodeFragment({ draw, tab, digit, cell }) {
  const entries = { draw, tab, digit: digit === null ? '' : String(digit), cell };
  return Object.entries(entries).flatMap(([name, value]) => (value ? [`${name}=${value}`] : [])).join('&');
}

/** @param {string} fragment without the leading #, which could be anything @returns {Shared} what cannot be used is left out */
export function decodeFragment(fragment) {
  const values = new URLSearchParams(fragment);
  const read = (/** @type {string} */ name, /** @type {RegExp} */ form) => {
    const value = values.get(name) ?? '';
    return form.test(value) ? value : '';
  };
  const digit = read('digit', /^\d{1,3}$/);
  return { draw: values.get('draw') ?? '', tab: read('tab', TAB), digit: digit ? Number(digit) : null, cell: read('cell', CELL) };
}

/** @param {Stroke} stroke @param {number} tolerance */
function encodeStroke({ points, width }, tolerance) {
  const onGrid = simplified(points, tolerance).map(({ x, y }) => [Math.round(GRID * x), Math.round(GRID * y)]);
  let [x, y] = [0, 0];
  const text = onGrid.map(([nextX, nextY]) => {
    const both = encodeNumber(nextX - x) + encodeNumber(nextY - y);
    [x, y] = [nextX, nextY];
    return both;
  });
  return ALPHABET[Math.min(ALPHABET.length - 1, Math.round(WIDTHS * width))] + text.join('');
}

/** @param {string} text @returns {Stroke | null} */
function decodeStroke(text) {
  const width = ALPHABET.indexOf(text.charAt(0)) / WIDTHS;
  const numbers = decodeNumbers(text.slice(1));
  if (text === '' || width <= 0 || !numbers || numbers.length === 0 || numbers.length % 2) return null;
  /** @type {Point[]} */
  const points = [];
  let [x, y] = [0, 0];
  for (let i = 0; i < numbers.length; i += 2) {
    [x, y] = [x + numbers[i], y + numbers[i + 1]];
    if (x < 0 || y < 0 || x > GRID || y > GRID) return null;
    points.push({ x: x / GRID, y: y / GRID });
  }
  return { points: densified(points, STEP), width };
}

/** Five bits a character, the lowest first; the sixth says that more follow. The sign is the lowest bit. @param {number} value */
function encodeNumber(value) {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let text = '';
  for (; rest >= 32; rest = Math.floor(rest / 32)) text += ALPHABET[32 + (rest % 32)];
  return text + ALPHABET[rest];
}

/** @param {string} text @returns {number[] | null} */
function decodeNumbers(text) {
  const numbers = [];
  let [value, place] = [0, 1];
  for (const letter of text) {
    const bits = ALPHABET.indexOf(letter);
    if (bits < 0 || place > 32 ** 3) return null;
    value += (bits % 32) * place;
    place *= 32;
    if (bits >= 32) continue;
    numbers.push(value % 2 ? -(value + 1) / 2 : value / 2);
    [value, place] = [0, 1];
  }
  return place === 1 ? numbers : null; // the last number is whole
}

/** The points that a line through them needs, by Ramer, Douglas and Peucker. @param {Point[]} points @param {number} tolerance @returns {Point[]} */
export function simplified(points, tolerance) {
  const kept = new Set([0, points.length - 1]);
  const spans = [[0, points.length - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [start, end] = span;
    let [farthest, most] = [-1, tolerance];
    for (let i = start + 1; i < end; i += 1) {
      const distance = distanceToSegment(points[i], points[start], points[end]);
      if (distance > most) [farthest, most] = [i, distance];
    }
    if (farthest < 0) continue;
    kept.add(farthest);
    spans.push([start, farthest], [farthest, end]);
  }
  return points.filter((_, i) => kept.has(i));
}
