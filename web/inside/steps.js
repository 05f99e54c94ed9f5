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
import { PAD_PIXELS, padPicture } from '../pad/read.js';

/** @typedef {import('../pad/demo.js').Reading & {digit: import('../pad/read.js').Digit}} Answered */
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
    this.#row = find(root, '.steps-row', HTMLElement);
    this.#words = find(root, '.steps-words', HTMLElement);
    this.#resizeOnly = find(root, 'input', HTMLInputElement);
    this.#resizeOnly.addEventListener('change', () => this.#render());
  }

  /** @param {Answered | null} reading */
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
  #showSteps({ strokes, digit: { box, ink, seen } }) {
    const pad = newCanvas(PAD_PIXELS, PAD_PIXELS);
    paintPad(pad, strokes);
    const outline = make('span', '', 'steps-box');
    const room = { left: box.left - ROOM, top: box.top - ROOM, right: box.right + ROOM, bottom: box.bottom + ROOM };
    placeAt(outline, room);
    this.#addStep('Your drawing and its bounding box', pad).append(outline);
    if (!ink) {
      this.#addStep('An MNIST digit, unchanged: what the network sees', levelsCanvas(seen, IMAGE_SIZE));
      return;
    }
    this.#addStep('Cropped to the bounding box', cropped(pad, room));
    this.#addStep('Scaled to 20 pixels, with strokes as wide as MNIST’s', levelsCanvas(ink.data, ink.width));
    const { x, y } = centreOfMass(ink);
    const scaled = this.#addStep('Centre of mass of the ink', levelsCanvas(ink.data, ink.width));
    scaled.append(cross((x + 0.5) / ink.width, (y + 0.5) / ink.height));
    const middle = (CENTRE + 0.5) / IMAGE_SIZE;
    const last = this.#addStep('Centred in 28 × 28: what the network sees', levelsCanvas(seen, IMAGE_SIZE));
    last.append(cross(middle, middle));
  }

  /** @param {Answered} reading */
  #showResizeOnly({ network, strokes, digit }) {
    const pad = newCanvas(PAD_PIXELS, PAD_PIXELS);
    paintPad(pad, strokes);
    this.#addStep('Your drawing', pad);
    const ink = foreground(brightness(padPicture(strokes, PAD_PIXELS)));
    const seen = Uint8Array.from(resize(ink, IMAGE_SIZE).data, round);
    this.#addStep('The whole pad, resized to 28 × 28', levelsCanvas(seen, IMAGE_SIZE));
    const { result, judgement: { probabilities } } = answerOf(network, seen);
    const [theirs, ours] = [digitOf(result), digitOf(digit.result)];
    const read = `${theirs} (${percent(probabilities[theirs])})`;
    this.#words.textContent =
      (theirs === ours ? `With resizing only, the network happens to read ${read} as well. ` : `With resizing only, the network reads ${read} instead of ${ours}. `) +
      'It was trained on MNIST’s digits, which are scaled and centred, not on small, thin or off-centre ones.';
  }

  /** Returns the picture's frame, for marks on it. @param {string} caption @param {HTMLCanvasElement} canvas */
  #addStep(caption, canvas) {
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', caption);
    const paper = make('span'); // as large as the picture
    const longest = Math.max(canvas.width, canvas.height);
    Object.assign(paper.style, { width: `${(100 * canvas.width) / longest}%`, height: `${(100 * canvas.height) / longest}%` });
    paper.append(canvas);
    const frame = make('div');
    frame.append(paper);
    const item = make('li');
    item.append(frame, make('p', caption));
    this.#row.append(item);
    return paper;
  }
}

/** Black on white whatever the theme, as a canvas hands it on. @param {HTMLCanvasElement} canvas @param {Stroke[]} strokes */
function paintPad(canvas, strokes) {
  const { data, width, height } = padPicture(strokes, PAD_PIXELS);
  const context = contextOf(canvas);
  context.putImageData(new ImageData(Uint8ClampedArray.from(data), width, height), 0, 0);
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
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
