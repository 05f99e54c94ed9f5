/**
 * The steps from the drawing to what the network sees, and what it would see without them.
 * In:  the readings of `demo.js`.
 * Out: pictures and words.
 */

import { digitOf } from '../engine/cnn.js';
import { MODEL, PICTURE } from '../engine/constants.js';
import { round } from '../engine/ndimage.js';
import { answerOf } from '../engine/predict.js';
import { brightness, foreground, resize } from '../engine/raster.js';
import { contextOf, newCanvas, paintLevels } from '../pad/canvas.js';
import { find, make, placeAt } from '../pad/dom.js';
import { percent } from '../pad/format.js';
import { paint } from '../pad/paint.js';
import { PAD_PIXELS, padPicture } from '../pad/read.js';

/** @typedef {import('./inside.js').Answered} Answered */
/** @typedef {import('../engine/predict.js').Box} Box */
/** @typedef {import('../engine/picture.js').Ink} Ink */
/** @typedef {import('../pad/strokes.js').Stroke} Stroke */

const { IMAGE_SIZE } = MODEL;
const { CENTRE } = PICTURE;
/** Room around the ink where it is cut out, as a fraction of the pad's side: half the default brush. */
const ROOM = 0.035;

export class Steps {
  #row;
  #words;
  #resizeOnly;
  /** @type {Answered | null} */
  #reading = null;

  /** @param {HTMLElement} root the section of `inside.html` */
  constructor(root) {
    this.root = root;
    this.#row = find(root, '.steps-row', HTMLElement);
    this.#words = find(root, '.steps-words', HTMLElement);
    this.#resizeOnly = find(root, 'input', HTMLInputElement);
    this.#resizeOnly.addEventListener('change', () => this.#render());
  }

  /** @param {Answered} reading */
  show(reading) {
    this.#reading = reading;
    this.#render();
  }

  #render() {
    this.#row.replaceChildren();
    this.#words.textContent = '';
    if (!this.#reading) return;
    if (this.#resizeOnly.checked) this.#showResizeOnly(this.#reading);
    else this.#showSteps(this.#reading);
  }

  /** @param {Answered} reading */
  #showSteps({ strokes, example, digit: { box, ink, seen } }) {
    const pad = padCanvas(strokes);
    const outline = make('span', '', 'steps-box');
    const room = { left: box.left - ROOM, top: box.top - ROOM, right: box.right + ROOM, bottom: box.bottom + ROOM };
    placeAt(outline, room);
    this.#addStep(example ? 'The example, and a box around its ink' : 'Your drawing, and a box around its ink', pad).append(outline);
    if (!ink) {
      this.#addStep('A digit of the test set is shown to the network as it is', levelsCanvas(seen, IMAGE_SIZE), 'steps-dark');
      return;
    }
    this.#addStep('What is in the box is cut out', cropped(pad, room));
    const { x, y } = centreOfMass(ink);
    const scaled = this.#addStep('Shrunk to 20 pixels, with strokes as wide as in its training digits; the cross is where the ink balances', levelsCanvas(ink.data, ink.width), 'steps-dark');
    scaled.append(cross((x + 0.5) / ink.width, (y + 0.5) / ink.height));
    const middle = (CENTRE + 0.5) / IMAGE_SIZE;
    const last = this.#addStep('Moved so that the cross is in the middle of 28 × 28 pixels: what the network sees', levelsCanvas(seen, IMAGE_SIZE), 'steps-dark');
    last.append(cross(middle, middle));
  }

  /** @param {Answered} reading */
  #showResizeOnly({ network, strokes, digit }) {
    this.#addStep('The whole pad', padCanvas(strokes));
    const seen = justShrunk(strokes);
    this.#addStep('Just shrunk to 28 × 28 pixels', levelsCanvas(seen, IMAGE_SIZE), 'steps-dark');
    const { result, judgement: { probabilities } } = answerOf(network, seen);
    const [theirs, ours] = [digitOf(result), digitOf(digit.result)];
    const read = `${theirs} (${percent(probabilities[theirs])})`;
    this.#words.textContent =
      (theirs === ours ? `Just shrunk, it happens to be read as ${read} as well. ` : `Just shrunk, it is read as ${read} instead of ${ours}. `) +
      'The network has learnt from digits that are equally large and in the middle, not from small, thin or off-centre ones.';
  }

  /** Returns the picture's frame, for marks on it. @param {string} caption @param {HTMLCanvasElement} canvas @param {string} [kind] steps-dark: white on black */
  #addStep(caption, canvas, kind = '') {
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', caption);
    const paper = make('span'); // as large as the picture
    const longest = Math.max(canvas.width, canvas.height);
    Object.assign(paper.style, { width: `${(100 * canvas.width) / longest}%`, height: `${(100 * canvas.height) / longest}%` });
    paper.append(canvas);
    const frame = make('div', '', kind);
    frame.append(paper);
    const item = make('li');
    item.append(frame, make('p', caption));
    this.#row.append(item);
    return paper;
  }
}

/** The whole pad in 28 × 28 grey levels, without being cut out, scaled and moved. @param {Stroke[]} strokes */
export function justShrunk(strokes) {
  return Uint8Array.from(resize(foreground(brightness(padPicture(strokes, PAD_PIXELS))), IMAGE_SIZE).data, round);
}

/** What is on the pad, in the colours of the theme. @param {Stroke[]} strokes */
function padCanvas(strokes) {
  const canvas = newCanvas(PAD_PIXELS, PAD_PIXELS);
  const context = contextOf(canvas);
  context.strokeStyle = getComputedStyle(document.body).getPropertyValue('--ink');
  paint(context, strokes, PAD_PIXELS);
  return canvas;
}

/** @param {HTMLCanvasElement} pad @param {Box} box in fractions of its side */
function cropped(pad, box) {
  const [x, y] = [box.left * PAD_PIXELS, box.top * PAD_PIXELS];
  const [width, height] = [(box.right - box.left) * PAD_PIXELS, (box.bottom - box.top) * PAD_PIXELS];
  const canvas = newCanvas(Math.ceil(width), Math.ceil(height));
  contextOf(canvas).drawImage(pad, x, y, width, height, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** @param {ArrayLike<number>} levels @param {number} width */
function levelsCanvas(levels, width) {
  const canvas = newCanvas(width, levels.length / width);
  paintLevels(canvas, levels, width);
  return canvas;
}

/** A mark at a place in fractions of the picture's sides. @param {number} x @param {number} y */
function cross(x, y) {
  const mark = make('span', '', 'steps-cross');
  Object.assign(mark.style, { left: `${100 * x}%`, top: `${100 * y}%` });
  return mark;
}

/** @param {Ink} ink */
function centreOfMass({ data, width }) {
  let [mass, x, y] = [0, 0, 0];
  data.forEach((value, i) => {
    mass += value;
    x += value * (i % width);
    y += value * Math.floor(i / width);
  });
  return { x: x / mass, y: y / mass };
}
