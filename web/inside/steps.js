/**
 * From what was drawn to what the network sees, step by step; and what it would see without those steps.
 * In:  the readings of `demo.js`.
 * Out: pictures and words.
 */

import { digitOf, paintLevels, percent } from '../pad/answer.js';
import { MODEL, PICTURE } from '../engine/constants.js';
import { round } from '../engine/ndimage.js';
import { answerOf } from '../engine/predict.js';
import { brightness, foreground, resize } from '../engine/raster.js';
import { PAD_PIXELS, padPicture } from '../pad/read.js';

/** @typedef {import('../pad/demo.js').Reading} Reading */
/** @typedef {import('../pad/read.js').Digit} Digit */

const { IMAGE_SIZE } = MODEL;
const { CENTRE } = PICTURE;
/** Room around the ink where it is cut out, as a share of the pad's side: half the default brush. */
const ROOM = 0.035;

/** @param {HTMLElement} root the section of `inside.html` */
export function mountSteps(root) {
  const row = /** @type {HTMLElement} */ (root.querySelector('.steps-row'));
  const words = /** @type {HTMLElement} */ (root.querySelector('.steps-words'));
  const choice = /** @type {HTMLInputElement} */ (root.querySelector('input'));
  /** @type {Reading | null} */
  let reading = null;

  /** @param {string} caption @param {number} width @param {number} height */
  function step(caption, width, height) {
    const item = document.createElement('li');
    const canvas = document.createElement('canvas');
    const text = document.createElement('p');
    [canvas.width, canvas.height] = [width, height];
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', caption);
    text.textContent = caption;
    const frame = document.createElement('div');
    const paper = document.createElement('span'); // as large as the picture, for marks on it
    const longest = Math.max(width, height);
    Object.assign(paper.style, { width: `${(100 * width) / longest}%`, height: `${(100 * height) / longest}%` });
    paper.append(canvas);
    frame.append(paper);
    item.append(frame, text);
    row.append(item);
    return { canvas, frame: paper, context: /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')) };
  }

  /** @param {HTMLElement} frame @param {number} x in shares @param {number} y */
  function cross(frame, x, y) {
    const mark = document.createElement('span');
    mark.className = 'steps-cross';
    Object.assign(mark.style, { left: `${100 * x}%`, top: `${100 * y}%` });
    frame.append(mark);
  }

  /** @param {Digit} digit @param {import('../pad/pad.js').Stroke[]} strokes */
  function showSteps({ box, ink, seen }, strokes) {
    const drawn = step('What is on the pad, and the box around the ink', PAD_PIXELS, PAD_PIXELS);
    const pad = inkOf(drawn.canvas, strokes);
    const mark = document.createElement('span');
    mark.className = 'steps-box';
    const percentOf = (/** @type {number} */ share) => `${100 * share}%`;
    Object.assign(mark.style, {
      left: percentOf(box.left - ROOM), top: percentOf(box.top - ROOM),
      width: percentOf(box.right - box.left + 2 * ROOM), height: percentOf(box.bottom - box.top + 2 * ROOM),
    });
    drawn.frame.append(mark);
    if (ink) {
      const sides = [box.left, box.top, box.right - box.left, box.bottom - box.top].map((share) => share * PAD_PIXELS);
      const room = ROOM * PAD_PIXELS;
      const [x, y, width, height] = [sides[0] - room, sides[1] - room, sides[2] + 2 * room, sides[3] + 2 * room];
      const cut = step('The box alone: where on the pad does not matter', Math.ceil(width), Math.ceil(height));
      cut.context.drawImage(pad, x, y, width, height, 0, 0, cut.canvas.width, cut.canvas.height);
      const small = step('Scaled: the longer side 20 pixels, the pen as wide as MNIST’s', ink.width, ink.height);
      paintInk(small.canvas, ink);
      const centre = step('Where the ink weighs as much on every side', ink.width, ink.height);
      paintInk(centre.canvas, ink);
      const { x: across, y: down } = centreOfMass(ink);
      cross(centre.frame, (across + 0.5) / ink.width, (down + 0.5) / ink.height);
    }
    const last = step(ink ? 'That centre to the middle of 28 × 28: what the network sees' : 'A digit of MNIST: what the network sees', IMAGE_SIZE, IMAGE_SIZE);
    paintLevels(last.canvas, seen);
    if (ink) cross(last.frame, (CENTRE + 0.5) / IMAGE_SIZE, (CENTRE + 0.5) / IMAGE_SIZE);
  }

  /** @param {Reading & {digit: Digit}} reading */
  function showResized({ network, strokes, digit }) {
    const drawn = step('What is on the pad', PAD_PIXELS, PAD_PIXELS);
    inkOf(drawn.canvas, strokes);
    const ink = foreground(brightness(padPicture(strokes, PAD_PIXELS)));
    const seen = Uint8Array.from(resize(ink, IMAGE_SIZE).data, round);
    const last = step('The whole pad, resized to 28 × 28', IMAGE_SIZE, IMAGE_SIZE);
    paintLevels(last.canvas, seen);
    const { result, judgement: { probabilities } } = answerOf(network, seen);
    const [theirs, ours] = [digitOf(result.logProbs), digitOf(digit.result.logProbs)];
    words.textContent =
      `Merely resized, the network reads ${theirs} with ${percent(probabilities[theirs])}` +
      (theirs === ours ? ', luckily the same. ' : `, not ${ours}. `) +
      'It never saw digits so small, so thin or so far from the middle: MNIST’s are scaled and centred.';
  }

  /** Black on white whatever the theme, as a canvas hands it on. @param {HTMLCanvasElement} canvas @param {import('../pad/pad.js').Stroke[]} strokes */
  function inkOf(canvas, strokes) {
    const { data, width, height } = padPicture(strokes, PAD_PIXELS);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.putImageData(new ImageData(Uint8ClampedArray.from(data), width, height), 0, 0);
    context.globalCompositeOperation = 'destination-over';
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    return canvas;
  }

  function render() {
    row.replaceChildren();
    words.textContent = '';
    if (!reading?.digit) return;
    if (choice.checked) showResized(/** @type {Reading & {digit: Digit}} */ (reading));
    else showSteps(reading.digit, reading.strokes);
  }
  choice.addEventListener('change', render);

  return (/** @type {Reading} */ next) => {
    reading = next;
    render();
  };
}

/** @param {import('../engine/picture.js').Ink} ink */
function centreOfMass({ data, width }) {
  let [mass, x, y] = [0, 0, 0];
  data.forEach((value, i) => {
    mass += value;
    x += value * (i % width);
    y += value * Math.floor(i / width);
  });
  return { x: x / mass, y: y / mass };
}

/** @param {HTMLCanvasElement} canvas @param {import('../engine/picture.js').Ink} ink */
function paintInk(canvas, { data, width, height }) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = context.createImageData(width, height);
  data.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i));
  context.putImageData(image, 0, 0);
}
