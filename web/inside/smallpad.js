/**
 * A second, smaller canvas of the pad: what is drawn on it is drawn on the pad.
 * In:  pointers and keys, by `input.js`; the strokes on the pad.
 * Out: moves of the pad's pen; the strokes, painted.
 */

import { contextOf } from '../pad/canvas.js';
import { currentPad } from '../pad/demo.js';
import { find } from '../pad/dom.js';
import { listenToKeys, listenToPointer, listenToShortcuts } from '../pad/input.js';
import { paint } from '../pad/paint.js';

/** @typedef {import('../pad/strokes.js').Point} Point */
/** @typedef {import('../pad/strokes.js').Stroke} Stroke */

/** Radius of the ring around the keyboard's pen, as a fraction of the side. */
const RING = 0.06;

export class SmallPad {
  /** @type {number | null} the pointer that draws */
  pointer = null;
  /** @type {Point | null} where the keyboard's pen is */
  keyPen = null;

  /** @type {Stroke[]} */
  #strokes = [];
  #faint = false;
  #frame = 0;

  #root;
  #context;
  #status;

  /** @param {HTMLElement} root a `.small-pad` of `inside.html` or `play.html` */
  constructor(root) {
    this.#root = root;
    this.canvas = find(root, 'canvas', HTMLCanvasElement);
    this.#context = contextOf(this.canvas);
    this.#status = find(root, '[role=status]', HTMLElement);
    listenToPointer(this);
    listenToKeys(this);
    listenToShortcuts(this, root);
    new ResizeObserver(() => {
      const side = Math.round(this.canvas.clientWidth * window.devicePixelRatio);
      if (side === 0) return;
      this.canvas.width = this.canvas.height = side;
      this.#render();
    }).observe(this.canvas);
  }

  /** @param {Stroke[]} strokes @param {boolean} faint they are only an example: the pad is empty */
  show(strokes, faint) {
    [this.#strokes, this.#faint] = [strokes, faint];
    this.#root.classList.toggle('small-pad-example', faint);
    this.#render();
  }

  /** The eraser that is chosen on the pad is not to be seen here. A stylus has its own. */
  get eraserChosen() {
    return false;
  }

  get isDown() {
    return currentPad()?.isDown ?? false;
  }

  /** @param {Point} point @param {boolean} eraser */
  down(point, eraser) {
    currentPad()?.down(point, eraser);
  }

  /** @param {Point} point */
  moveTo(point) {
    currentPad()?.moveTo(point);
  }

  lift() {
    this.pointer = null;
    currentPad()?.lift();
  }

  cancel() {
    this.pointer = null;
    currentPad()?.cancel();
  }

  clear() {
    return currentPad()?.clear() ?? false;
  }

  undo() {
    return currentPad()?.undo() ?? false;
  }

  redo() {
    return currentPad()?.redo() ?? false;
  }

  /** To a screen reader. @param {string} text */
  say(text) {
    this.#status.textContent = text;
  }

  /** The pad reads its strokes in the next frame, and then this canvas is painted; without a change, it is painted alone. */
  renderSoon() {
    currentPad()?.renderSoon();
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#render());
  }

  #render() {
    this.#frame = 0;
    const style = getComputedStyle(this.canvas);
    const size = this.canvas.width;
    this.#context.clearRect(0, 0, size, size);
    this.#context.strokeStyle = style.getPropertyValue(this.#faint ? '--line' : '--ink');
    paint(this.#context, this.#strokes, size);
    if (!this.keyPen || document.activeElement !== this.canvas) return;
    this.#context.strokeStyle = style.getPropertyValue('--accent');
    this.#context.lineWidth = 1.5 * window.devicePixelRatio;
    this.#context.beginPath();
    this.#context.arc(this.keyPen.x * size, this.keyPen.y * size, RING * size, 0, 2 * Math.PI);
    this.#context.stroke();
  }
}
