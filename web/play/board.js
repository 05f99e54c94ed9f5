/**
 * The image that the network sees, enlarged, its pixels to be changed one by one.
 * In:  images of 28 × 28 grey levels; taps, arrow keys and Enter.
 * Out: the image, and a frame around each pixel that differs from the original: orange where there is more ink, blue where there is
 *   less; the pixels that the visitor chooses.
 */

import { differences } from '../engine/attack.js';
import { MODEL } from '../engine/constants.js';
import { paintLevels } from '../pad/canvas.js';
import { find } from '../pad/dom.js';

const { IMAGE_SIZE } = MODEL;
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const BOARD = `<canvas width="${IMAGE_SIZE}" height="${IMAGE_SIZE}" tabindex="0" role="application" aria-roledescription="pixel board"
    aria-label="The image the network sees, 28 by 28 pixels. Arrow keys choose a pixel, Enter changes it"></canvas>
  <svg viewBox="0 0 ${IMAGE_SIZE} ${IMAGE_SIZE}" aria-hidden="true"></svg>`;
/** The width of a pixel's frame, in pixels of the image. */
const FRAME = 0.16;

export class Board {
  /** The pixel that the arrow keys have chosen. */
  #cursor = { x: IMAGE_SIZE / 2, y: IMAGE_SIZE / 2 };
  #keys = false;
  /** @type {Uint8Array} */
  #original = new Uint8Array(IMAGE_SIZE * IMAGE_SIZE);
  /** @type {Uint8Array} */
  #image = this.#original;

  #canvas;
  #marks;

  /** @param {HTMLElement} root empty @param {(at: number) => void} onChoose a pixel is to be changed @param {(text: string) => void} say to a screen reader */
  constructor(root, onChoose, say) {
    root.innerHTML = BOARD;
    this.#canvas = find(root, 'canvas', HTMLCanvasElement);
    this.#marks = find(root, 'svg', SVGElement);
    this.#canvas.addEventListener('click', (event) => {
      const { left, top, width, height } = this.#canvas.getBoundingClientRect();
      const place = (/** @type {number} */ share) => Math.min(IMAGE_SIZE - 1, Math.max(0, Math.floor(share * IMAGE_SIZE)));
      this.#cursor = { x: place((event.clientX - left) / width), y: place((event.clientY - top) / height) };
      this.#keys = false;
      onChoose(this.#at);
    });
    this.#canvas.addEventListener('keydown', (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key in ARROWS) {
        const [x, y] = ARROWS[event.key];
        const kept = (/** @type {number} */ place) => Math.min(IMAGE_SIZE - 1, Math.max(0, place));
        this.#cursor = { x: kept(this.#cursor.x + x), y: kept(this.#cursor.y + y) };
        say(`Row ${this.#cursor.y + 1}, column ${this.#cursor.x + 1}: ${this.#image[this.#at] > 127 ? 'ink' : 'blank'}`);
      } else if (event.key === 'Enter' || event.key === ' ') {
        if (!event.repeat) onChoose(this.#at);
      } else return;
      event.preventDefault();
      this.#keys = true;
      this.#mark();
    });
    for (const type of ['focus', 'blur']) this.#canvas.addEventListener(type, () => {
      this.#keys = type === 'focus' && this.#canvas.matches(':focus-visible');
      this.#mark();
    });
  }

  get #at() {
    return this.#cursor.y * IMAGE_SIZE + this.#cursor.x;
  }

  focus() {
    this.#canvas.focus({ preventScroll: true });
  }

  /** @param {Uint8Array} original @param {Uint8Array} image */
  show(original, image) {
    [this.#original, this.#image] = [original, image];
    paintLevels(this.#canvas, image, IMAGE_SIZE);
    this.#mark();
  }

  #mark() {
    const frames = differences(this.#original, this.#image).map((at) =>
      frame(at % IMAGE_SIZE, Math.floor(at / IMAGE_SIZE), this.#image[at] > this.#original[at] ? 'board-added' : 'board-removed'));
    if (this.#keys) frames.push(frame(this.#cursor.x, this.#cursor.y, 'board-cursor'));
    this.#marks.innerHTML = frames.join('');
  }
}

/** @param {number} x @param {number} y @param {string} name of its class */
function frame(x, y, name) {
  const side = 1 - FRAME;
  return `<rect class="${name}" x="${x + FRAME / 2}" y="${y + FRAME / 2}" width="${side}" height="${side}" stroke-width="${FRAME}"/>`;
}
