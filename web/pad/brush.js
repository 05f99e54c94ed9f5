/**
 * What the pen on the pad is: the width of its brush, or an eraser.
 * In:  the slider and the eraser's button of `pad.html`, the pointer over the pad.
 * Out: widths, and the ring that shows how much would be erased.
 */

import { find } from './dom.js';

/** @typedef {import('./strokes.js').Point} Point */

/** Width of the eraser as a multiple of the brush's. */
const ERASER = 1.8;
/** How long the sample of the brush is shown after the slider has moved, in milliseconds. */
const SAMPLE_TIME = 1200;

export class Brush {
  /** @type {Point | null} where the pointer is, over the pad, while the eraser is chosen */
  hover = null;

  #eraserButton;
  #slider;
  #sample;
  #timer = 0;

  /** @param {HTMLElement} root holds what `pad.html` has @param {() => void} onChange the ring has moved */
  constructor(root, onChange) {
    this.#eraserButton = find(root, '.pad-eraser', HTMLButtonElement);
    this.#slider = find(root, '.pad-brush input', HTMLInputElement);
    this.#sample = find(root, '.pad-sample', HTMLElement);
    this.#eraserButton.addEventListener('click', () => {
      this.#eraserButton.setAttribute('aria-pressed', String(!this.eraserChosen));
      this.hover = null;
      onChange();
    });
    this.#slider.addEventListener('input', () => this.#showSample());
    const canvas = find(root, 'canvas', HTMLCanvasElement);
    canvas.addEventListener('pointermove', ({ offsetX, offsetY, pointerType }) => {
      if (!this.eraserChosen || pointerType === 'touch') return; // a finger hides what is under it, and does not hover
      this.hover = { x: offsetX / canvas.clientWidth, y: offsetY / canvas.clientHeight };
      onChange();
    });
    canvas.addEventListener('pointerleave', () => {
      this.hover = null;
      onChange();
    });
  }

  get eraserChosen() {
    return this.#eraserButton.getAttribute('aria-pressed') === 'true';
  }

  /** As a fraction of the pad's side. */
  get width() {
    return Number(this.#slider.value) / 1000;
  }

  /** As a fraction of the pad's side. */
  get eraserRadius() {
    return (ERASER * this.width) / 2;
  }

  /** A dot as wide as the brush, on the pad. */
  #showSample() {
    this.#sample.style.width = `${100 * this.width}%`;
    this.#sample.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => (this.#sample.hidden = true), SAMPLE_TIME);
  }
}
