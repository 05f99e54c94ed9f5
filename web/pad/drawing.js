/**
 * The content of the pad and its history: strokes, undo and redo, a pen or an eraser on the paper.
 * In:  points from `input.js`, strokes and pictures from elsewhere.
 * Out: the strokes. No document is needed: it runs in Node too.
 */

import { addPoint, erase } from './strokes.js';

/** @typedef {import('./strokes.js').Point} Point */
/** @typedef {import('./strokes.js').Stroke} Stroke */

export class Drawing {
  /** @type {Stroke[]} never changed in place, but for the stroke being drawn, so that the past can keep it */
  strokes = [];
  /** @type {Point | null} where the eraser is, while it is down */
  eraser = null;
  /** @type {Stroke | null} being drawn */
  #current = null;
  /** @type {Stroke[][]} */
  #past = [];
  /** @type {Stroke[][]} */
  #future = [];

  get isEmpty() {
    return this.strokes.length === 0;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Whether the pen or the eraser is on the paper. */
  get isDown() {
    return this.#current !== null || this.eraser !== null;
  }

  /** @param {Point} point @param {number} width as a fraction of the pad's side */
  penDown(point, width) {
    this.#past.push(this.strokes);
    this.#current = { points: [point], width };
    this.strokes = [...this.strokes, this.#current];
  }

  /** @param {Point} point @param {number} radius as a fraction of the pad's side */
  eraserDown(point, radius) {
    this.#past.push(this.strokes);
    this.eraser = point;
    this.moveTo(point, radius);
  }

  /** Move what is on the paper, if anything is. @param {Point} point @param {number} radius of the eraser */
  moveTo(point, radius) {
    if (this.eraser) {
      this.strokes = erase(this.strokes, this.eraser, point, radius);
      this.eraser = point;
    } else {
      if (this.#current) addPoint(this.#current.points, point);
    }
  }

  /** End the stroke. Returns whether anything has changed: not when an eraser hit nothing. */
  lift() {
    this.#stop();
    if (this.#past[this.#past.length - 1] === this.strokes) {
      this.#past.pop();
      return false;
    }
    this.#future = [];
    return true;
  }

  /** Discard the stroke being drawn, as if it had never begun. */
  cancel() {
    this.strokes = this.#past.pop() ?? [];
    this.#stop();
  }

  /** Replace what is on the pad by `strokes`; undo restores it. @param {Stroke[]} strokes */
  put(strokes) {
    this.#past.push(this.strokes);
    this.#future = [];
    this.show(strokes);
  }

  /** Replace what is on the pad by `strokes`; undo does not restore it. @param {Stroke[]} strokes */
  show(strokes) {
    this.strokes = strokes;
    this.#stop();
  }

  /** Returns whether there was anything to undo. */
  undo() {
    return this.#step(this.#past, this.#future);
  }

  /** Returns whether there was anything to redo. */
  redo() {
    return this.#step(this.#future, this.#past);
  }

  /** @param {Stroke[][]} from @param {Stroke[][]} to */
  #step(from, to) {
    const strokes = from.pop();
    if (!strokes) return false;
    to.push(this.strokes);
    this.show(strokes);
    return true;
  }

  #stop() {
    this.#current = null;
    this.eraser = null;
  }
}
