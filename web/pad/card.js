/**
 * The picture that is shared: the drawing, what the network sees of it, its answer and its bars.
 * In:  what is on the pad, what was read, colours.
 * Out: pixels, painted here rather than on a canvas: a protected canvas gives noise. No document is needed: it runs in Node too.
 */

import { digitOf } from '../engine/cnn.js';
import { MODEL } from '../engine/constants.js';
import { percent } from './format.js';
import { distanceToSegment } from './strokes.js';
import { signsOf, stateOf } from './words.js';

/** @typedef {import('./read.js').Digit} Digit */
/** @typedef {import('./strokes.js').Point} Point */
/** @typedef {import('./strokes.js').Stroke} Stroke */
/** @typedef {[number, number, number]} Colour  red, green, blue, 0…255 */
/** @typedef {{ground: Colour, paper: Colour, ink: Colour, quiet: Colour, accent: Colour}} Palette */

/** The size that link previews have. */
export const WIDTH = 1200;
export const HEIGHT = 630;
const BLACK = /** @type {Colour} */ ([0, 0, 0]);
const PAD = { left: 50, top: 50, side: 530 };
const RIGHT = { left: 640, right: 1150 };
const SEEN = { side: 196, top: 50 };
const NUMBER = { top: 66, height: 150, smallest: 34 };
const PERCENT = { top: 256, height: 30 };
const BARS = { top: 330, bottom: 540, gap: 8, label: 24 };
/** A bar that is full but for this much is empty. */
const EMPTY_BAR = 0.14;

/** Signs as a pen writes them, in a box 10 wide and 14 high; corners are rounded where a point stands once. Source: drawn for this page. */
const GLYPHS = {
  0: ['5,0 0,0 0,7 0,14 5,14 10,14 10,7 10,0 5,0'],
  1: ['1,3 5,0 5,0 5,14'],
  2: ['0,4 0,0 5,0 10,0 10,4 10,7 0,14 0,14 10,14'],
  3: ['0,2 1,0 5,0 9,0 9,3.5 9,7 4,7', '4,7 10,7 10,10.5 10,14 5,14 1,14 0,12'],
  4: ['7,14 7,0 7,0 0,10 0,10 10,10'],
  5: ['9,0 1,0 1,0 1,6 1,6 2,5 10,5 10,9.5 10,14 4,14 1,14 0,12'],
  6: ['8,0 0,4 0,9 0,14 5,14 10,14 10,9.5 10,5.5 5,5.5 1,5.5 0,9'],
  7: ['0,0 10,0 10,0 4,14'],
  8: ['5,6.5 1,6.5 1,3.2 1,0 5,0 9,0 9,3.2 9,6.5 5,6.5 0,6.5 0,10.2 0,14 5,14 10,14 10,10.2 10,6.5 5,6.5'],
  9: ['2,14 10,10 10,5 10,0 5,0 0,0 0,4.5 0,8.5 5,8.5 9,8.5 10,5'],
  '?': ['0,3 0,0 5,0 10,0 10,4 10,7 5,7 5,10', '5,14'],
  '–': ['1,7 9,7'],
  '.': ['5,14'],
  '>': ['1,3 9,7 9,7 1,11'],
  '%': ['10,0 0,14', '2,0 0,0 0,5 4,5 4,0 2,0', '8,9 6,9 6,14 10,14 10,9 8,9'],
};
/** Of a glyph's height: from one sign to the next, and the width of the pen. */
const ADVANCE = 1;
const CLOSE_ADVANCE = 0.82;
export const PEN = 0.17;
export const THIN_PEN = 0.12;

/**
 * @param {{strokes: Stroke[], digits: Digit[], selected: number, palette: Palette}} shown strokes: a picture among them is left out,
 *   and the digits' own images stand in its place
 * @returns {Uint8Array} red, green and blue of `WIDTH` × `HEIGHT` pixels, row by row
 */
export function paintCard({ strokes, digits, selected, palette }) {
  const sheet = new Sheet(palette.ground);
  const drawn = strokes.some((stroke) => stroke.sheet) ? [] : strokes;
  sheet.drawing(drawn, palette);
  const digit = digits[selected];
  if (!digit) return sheet.rgb;
  if (drawn.length === 0) sheet.image(digit.seen, PAD.left, PAD.top, PAD.side);
  sheet.image(digit.seen, RIGHT.right - SEEN.side, SEEN.top, SEEN.side);
  paintNumber(sheet, digits, palette);
  paintBars(sheet, digit, palette);
  return sheet.rgb;
}

/** @param {Sheet} sheet @param {Digit[]} digits @param {Palette} palette */
function paintNumber(sheet, digits, palette) {
  const room = RIGHT.right - SEEN.side - 20 - RIGHT.left;
  const height = Math.max(NUMBER.smallest, Math.min(NUMBER.height, room / (ADVANCE * digits.length)));
  signsOf(digits).forEach((sign, i) => {
    const colour = stateOf(digits[i]) === 'sure' ? palette.accent : palette.quiet;
    const left = RIGHT.left + i * ADVANCE * height;
    if (left + height < RIGHT.right - SEEN.side) sheet.write(sign, left, NUMBER.top, height, PEN, colour);
  });
  const [only] = digits;
  if (digits.length > 1 || stateOf(only) !== 'sure') return;
  const text = percent(only.judgement.probabilities[digitOf(only.result)]);
  sheet.write(text, RIGHT.left, PERCENT.top, PERCENT.height, THIN_PEN, palette.ink);
}

/** @param {Sheet} sheet @param {Digit} digit @param {Palette} palette */
function paintBars(sheet, digit, palette) {
  const { probabilities } = digit.judgement;
  const step = (RIGHT.right - RIGHT.left + BARS.gap) / probabilities.length;
  const pale = mixed(palette.ground, palette.accent, EMPTY_BAR);
  const full = BARS.bottom - BARS.top;
  const top = stateOf(digit) === 'refused' ? -1 : digitOf(digit.result);
  probabilities.forEach((probability, i) => {
    const left = RIGHT.left + i * step;
    const height = Math.round(probability * full);
    sheet.fill(left, BARS.top, step - BARS.gap, full, pale);
    sheet.fill(left, BARS.bottom - height, step - BARS.gap, height, i === top ? palette.accent : palette.quiet);
    const middle = left + (step - BARS.gap) / 2 - (BARS.label * 5) / 14;
    sheet.write(String(i), middle, BARS.bottom + 14, BARS.label, THIN_PEN, palette.quiet);
  });
}

/** @param {Colour} from @param {Colour} to @param {number} share of `to` @returns {Colour} */
function mixed(from, to, share) {
  const [red, green, blue] = from.map((value, i) => Math.round(value + share * (to[i] - value)));
  return [red, green, blue];
}

/** Pixels to paint on. */
export class Sheet {
  rgb = new Uint8Array(3 * WIDTH * HEIGHT);

  /** @param {Colour} ground */
  constructor(ground) {
    this.fill(0, 0, WIDTH, HEIGHT, ground);
  }

  /** @param {number} left @param {number} top @param {number} width @param {number} height @param {Colour} colour */
  fill(left, top, width, height, colour) {
    for (let y = Math.round(top); y < Math.round(top + height); y += 1) {
      for (let x = Math.round(left); x < Math.round(left + width); x += 1) this.rgb.set(colour, 3 * (y * WIDTH + x));
    }
  }

  /** @param {Uint8Array} levels 28 × 28 @param {number} left @param {number} top @param {number} side a multiple is sharpest */
  image(levels, left, top, side) {
    const pixel = side / MODEL.IMAGE_SIZE;
    levels.forEach((level, i) => {
      const [row, column] = [Math.floor(i / MODEL.IMAGE_SIZE), i % MODEL.IMAGE_SIZE];
      this.fill(left + column * pixel, top + row * pixel, pixel, pixel, mixed(BLACK, [255, 255, 255], level / 255));
    });
  }

  /** The pad, in its place on every card. @param {Stroke[]} strokes none of them a picture @param {Palette} palette */
  drawing(strokes, palette) {
    this.fill(PAD.left, PAD.top, PAD.side, PAD.side, palette.paper);
    for (const { points, width } of strokes) {
      const path = points.map(({ x, y }) => ({ x: PAD.left + x * PAD.side, y: PAD.top + y * PAD.side }));
      this.stroke([path], width * PAD.side, palette.ink);
    }
  }

  /** Round strokes with soft edges. @param {Point[][]} paths in pixels @param {number} width @param {Colour} colour */
  stroke(paths, width, colour) {
    const reach = width / 2 + 0.5;
    /** @type {Map<number, number>} how much of a pixel is covered */
    const covered = new Map();
    for (const path of paths) {
      path.forEach((end, i) => {
        const start = path[Math.max(0, i - 1)];
        const [left, right] = [Math.min(start.x, end.x) - reach, Math.max(start.x, end.x) + reach];
        const [top, bottom] = [Math.min(start.y, end.y) - reach, Math.max(start.y, end.y) + reach];
        for (let y = Math.max(0, Math.floor(top)); y <= Math.min(HEIGHT - 1, bottom); y += 1) {
          for (let x = Math.max(0, Math.floor(left)); x <= Math.min(WIDTH - 1, right); x += 1) {
            const share = Math.min(1, reach - distanceToSegment({ x: x + 0.5, y: y + 0.5 }, start, end));
            if (share > (covered.get(y * WIDTH + x) ?? 0)) covered.set(y * WIDTH + x, share);
          }
        }
      });
    }
    for (const [at, share] of covered) {
      const [red, green, blue] = this.rgb.subarray(3 * at, 3 * at + 3);
      this.rgb.set(mixed([red, green, blue], colour, share), 3 * at);
    }
  }

  /**
   * @param {string} text signs without a glyph leave a gap
   * @param {number} left @param {number} top @param {number} height
   * @param {number} pen its width, of the height
   * @param {Colour} colour
   * @param {Record<string, string[]>} [letters] more glyphs
   */
  write(text, left, top, height, pen, colour, letters = {}) {
    const advance = pen === THIN_PEN ? CLOSE_ADVANCE : ADVANCE;
    [...text].forEach((sign, i) => {
      const paths = GLYPHS[/** @type {keyof typeof GLYPHS} */ (sign)] ?? letters[sign] ?? [];
      const at = (/** @type {Point} */ { x, y }) => ({ x: left + (i * advance + x / 14) * height, y: top + (y / 14) * height });
      this.stroke(paths.map((path) => smooth(pointsOf(path)).map(at)), pen * height, colour);
    });
  }
}

/** @param {string} path @returns {Point[]} */
const pointsOf = (path) => path.split(' ').map((point) => point.split(',').map(Number)).map(([x, y]) => ({ x, y }));

/** Corners cut off three times, by Chaikin's algorithm; a point that stands twice stays. @param {Point[]} points @returns {Point[]} */
function smooth(points) {
  let line = points;
  for (let round = 0; round < 3; round += 1) {
    const cut = line.slice(1).flatMap((end, i) => [between(line[i], end, 0.25), between(line[i], end, 0.75)]);
    line = line.length > 1 ? [line[0], ...cut, line[line.length - 1]] : line;
  }
  return line;
}

/** @param {Point} from @param {Point} to @param {number} share @returns {Point} */
const between = (from, to, share) => ({ x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) });
