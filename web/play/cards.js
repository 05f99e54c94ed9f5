/**
 * The cards of the challenges.
 * In:  what was drawn, what was read, times, colours.
 * Out: pixels, as `card.js` paints them. No document is needed: it runs in Node too.
 */

import { PEN, Sheet, THIN_PEN, WIDTH } from '../pad/card.js';
import { percent } from '../pad/format.js';
import { withArticle } from '../pad/words.js';

/** @typedef {import('../pad/card.js').Palette} Palette */
/** @typedef {import('../pad/strokes.js').Stroke} Stroke */

/** More glyphs, in the box of `card.js`: small letters from 5 to 14. Source: drawn for this page. */
const LETTERS = {
  I: ['5,0 5,14'],
  a: ['9,8 9,6 5,5 1,6 1,9.5 1,14 5,14 9,13 9,10', '9,5 9,5 9,14'],
  c: ['9,6.5 8,5 5,5 1,5 1,9.5 1,14 5,14 8,14 9,12.5'],
  i: ['5,5 5,14', '5,1'],
  l: ['5,0 5,14'],
  n: ['1.5,5 1.5,14', '1.5,8 3,5 5.5,5 8.5,5 8.5,8 8.5,14'],
  o: ['5,5 1,5 1,9.5 1,14 5,14 9,14 9,9.5 9,5 5,5'],
  s: ['8.5,6.5 7.5,5 5,5 1.5,5 1.5,7.2 1.5,9.5 5,9.5 8.5,9.5 8.5,11.8 8.5,14 5,14 2,14 1,12.5'],
  t: ['4.5,1 4.5,11 4.5,14 8.5,14 8.5,13', '1.5,5 8.5,5'],
  y: ['1,5 5.2,13.5', '9,5 5,14 4,18 1.5,18'],
};
const LEFT = 50;
const RIGHT = 640;
const WORDS = 44;
const LARGE = 150;
const IMAGE = 98;

/** Ten digits and the time they took. @param {Uint8Array[]} images what the network saw of each @param {string} time such as "14.2 s" @param {Palette} palette */
export function timeCard(images, time, palette) {
  const sheet = new Sheet(palette.ground);
  sheet.write('0 to 9 in', LEFT, 76, 70, THIN_PEN, palette.ink, LETTERS);
  sheet.write(time, LEFT, 200, 190, THIN_PEN, palette.accent, LETTERS);
  const step = (WIDTH - 2 * LEFT - IMAGE) / 9;
  images.forEach((levels, i) => sheet.image(levels, Math.round(LEFT + i * step), 460, IMAGE));
  return sheet.rgb;
}

/** What a visitor calls one digit and the network another. @param {Stroke[]} strokes @param {number} called @param {number} read @param {number} probability @param {Palette} palette */
export function disputeCard(strokes, called, read, probability, palette) {
  const sheet = new Sheet(palette.ground);
  sheet.drawing(strokes, palette);
  sheet.write(`I call it ${withArticle(called).split(' ')[0]}`, RIGHT, 70, WORDS, THIN_PEN, palette.ink, LETTERS);
  sheet.write(String(called), RIGHT, 140, LARGE, PEN, palette.ink);
  sheet.write('It says', RIGHT, 350, WORDS, THIN_PEN, palette.ink, LETTERS);
  sheet.write(String(read), RIGHT, 420, LARGE, PEN, palette.accent);
  sheet.write(percent(probability), RIGHT + LARGE + 30, 530, 40, THIN_PEN, palette.quiet);
  return sheet.rgb;
}
