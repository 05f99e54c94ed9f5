/**
 * The drawing pad: brush, eraser, undo and redo; a picture under the strokes.
 * In:  the pen's moves from `input.js`, buttons of `pad.html`; strokes and pictures from elsewhere.
 * Out: the strokes as points, on every frame in which they changed and at the end of every stroke.
 */

import { Brush } from './brush.js';
import { contextOf, onPixelRatio } from './canvas.js';
import { find } from './dom.js';
import { Drawing } from './drawing.js';
import { keepTouches, listenToKeys, listenToPointer, listenToShortcuts } from './input.js';
import { paint } from './paint.js';
import { beginning, holdsPicture } from './strokes.js';

/** @typedef {import('./strokes.js').Point} Point */
/** @typedef {import('./strokes.js').Stroke} Stroke */
/** @typedef {(strokes: Stroke[], ended: boolean) => void} OnChange */

/** How long it takes to write a drawing from elsewhere, in milliseconds. */
const WRITING_TIME = 600;
/** The ring around the keyboard's pen: its line width is the pad's side divided by this. */
const RING_LINES = 140;
/** How strongly the rest of a drawing shows while a visitor looks at its beginning. */
const REST = 0.18;

/** Whether the visitor has asked the system for less motion. */
export const wantsLessMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

export class Pad {
  /** @type {number | null} the pointer that draws; null: none, or the keyboard does */
  pointer = null;
  /** @type {Point | null} where the keyboard's pen is */
  keyPen = null;

  #drawing = new Drawing();
  /** @type {Stroke[] | null} a drawing from elsewhere, while it is being written */
  #writing = null;
  /** Whether there are strokes that have not been passed to `onChange`. */
  #changed = false;
  /** The frame in which the pad will be painted; 0: none is asked for. */
  #frame = 0;

  #root;
  #context;
  #onChange;
  #message;
  #status;
  #undoButton;
  #redoButton;
  #clearButton;
  #shareButton;
  #brush;
  /** @type {Stroke[] | null} the drawing as it was, while a visitor looks back */
  #past = null;

  /**
   * @param {HTMLElement} root holds what `pad.html` has
   * @param {OnChange} onChange `ended`: a stroke has ended or a button was used; otherwise the pen is still moving
   */
  constructor(root, onChange) {
    this.#root = root;
    this.#onChange = onChange;
    this.canvas = find(root, 'canvas', HTMLCanvasElement);
    this.#context = contextOf(this.canvas);
    this.#message = find(root, '.pad-message', HTMLElement);
    this.#status = find(root, '.pad-status', HTMLElement);
    this.#undoButton = find(root, '.pad-undo', HTMLButtonElement);
    this.#redoButton = find(root, '.pad-redo', HTMLButtonElement);
    this.#clearButton = find(root, '.pad-clear', HTMLButtonElement);
    this.#shareButton = find(root, '.pad-share', HTMLButtonElement);
    this.#brush = new Brush(root, () => this.renderSoon());
    this.#listenToButtons();
    listenToPointer(this);
    keepTouches(this);
    listenToKeys(this);
    listenToShortcuts(this, root);
    this.#follow();
    root.classList.add('pad-ready');
  }

  get eraserChosen() {
    return this.#brush.eraserChosen;
  }

  /** Whether the pen or the eraser is on the paper. */
  get isDown() {
    return this.#drawing.isDown;
  }

  /** Replace what is on the pad by `strokes`; undo restores it. @param {Stroke[]} strokes */
  put(strokes) {
    this.#finishWriting();
    if (this.isDown) this.lift();
    this.#drawing.put(strokes);
    this.#strokeEnded();
  }

  /**
   * The same, but stroke by stroke, as a hand would.
   * @param {Stroke[]} strokes
   * @param {number} [milliseconds] that it takes
   */
  write(strokes, milliseconds = WRITING_TIME) {
    if (wantsLessMotion()) {
      this.put(strokes);
      return;
    }
    this.put([]);
    this.#write(strokes, milliseconds);
  }

  /** Write what is on the pad once more; the history stays as it is. @param {number} milliseconds that it takes */
  replay(milliseconds) {
    this.#finishWriting();
    if (this.isDown) this.lift();
    if (!wantsLessMotion()) this.#write(this.#drawing.strokes, milliseconds);
  }

  /** @param {Stroke[]} strokes @param {number} milliseconds */
  #write(strokes, milliseconds) {
    this.#writing = strokes;
    const start = performance.now();
    const step = () => {
      if (this.#writing !== strokes) return;
      const share = (performance.now() - start) / milliseconds;
      if (share >= 1) {
        this.#finishWriting();
        return;
      }
      this.#drawing.strokes = beginning(strokes, share);
      this.#changed = true;
      this.#render();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** Returns whether there was anything to undo. */
  undo() {
    this.#finishWriting();
    const done = this.#drawing.undo();
    if (done) this.#strokeEnded();
    return done;
  }

  /** Returns whether there was anything to redo. */
  redo() {
    this.#finishWriting();
    const done = this.#drawing.redo();
    if (done) this.#strokeEnded();
    return done;
  }

  /** Returns whether there was anything to clear. */
  clear() {
    this.#finishWriting();
    if (this.#drawing.isEmpty) return false;
    this.#drawing.put([]);
    this.#strokeEnded();
    return true;
  }

  /** A picture goes; a drawing stays. */
  clearPicture() {
    if (holdsPicture(this.#drawing.strokes)) this.clear();
  }

  /** Put the pen or the eraser on the paper. @param {Point} point @param {boolean} eraser */
  down(point, eraser) {
    this.#finishWriting();
    if (this.#past) this.#tell();
    const before = this.#drawing.strokes;
    if (eraser) this.#drawing.eraserDown(point, this.#brush.eraserRadius);
    else this.#drawing.penDown(point, this.#brush.width);
    if (this.#drawing.strokes !== before) this.#changed = true; // else an eraser hit nothing, and the answer stands
    this.renderSoon();
  }

  /** Move what is on the paper. @param {Point} point */
  moveTo(point) {
    if (!this.isDown) return;
    const before = this.#drawing.strokes;
    this.#drawing.moveTo(point, this.#brush.eraserRadius);
    if (!this.#drawing.eraser || this.#drawing.strokes !== before) this.#changed = true;
  }

  /** Lift the pen or the eraser: the stroke has ended. */
  lift() {
    this.#letGo();
    const erased = this.#drawing.eraser !== null;
    if (this.#drawing.lift()) {
      this.#tell();
      return;
    }
    if (erased && holdsPicture(this.#drawing.strokes)) this.showMessage('The eraser removes pen strokes. Clear removes this picture.');
    this.renderSoon(); // the answer stands
  }

  /** Discard the stroke being drawn. */
  cancel() {
    this.#drawing.cancel();
    this.#strokeEnded();
  }

  /** Show the drawing as it was; the next stroke goes on from what it is. @param {Stroke[] | null} strokes null: as it is */
  lookBack(strokes) {
    this.#past = strokes;
    this.renderSoon();
  }

  /** On the pad, until the drawing changes. @param {string} sentence */
  showMessage(sentence) {
    this.#message.textContent = sentence;
  }

  /** To a screen reader. @param {string} text */
  say(text) {
    this.#status.textContent = text;
  }

  renderSoon() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#render());
  }

  /** If a visitor starts drawing while a drawing is being written, it is completed at once. */
  #finishWriting() {
    if (!this.#writing) return;
    this.#drawing.show(this.#writing);
    this.#writing = null;
    this.#strokeEnded();
  }

  #strokeEnded() {
    this.#letGo();
    this.#tell();
  }

  /** No pointer holds the pen. */
  #letGo() {
    this.pointer = null;
    this.say('');
  }

  #tell() {
    this.#changed = false;
    this.#past = null;
    this.renderSoon();
    this.#onChange(this.#drawing.strokes, true);
  }

  #render() {
    this.#frame = 0;
    this.#fit();
    const style = getComputedStyle(this.canvas);
    const size = this.canvas.width;
    this.#context.clearRect(0, 0, size, size);
    this.#context.strokeStyle = style.color;
    this.#context.globalAlpha = this.#past ? REST : 1;
    paint(this.#context, this.#drawing.strokes, size);
    this.#context.globalAlpha = 1;
    if (this.#past) paint(this.#context, this.#past, size);
    this.#context.strokeStyle = style.getPropertyValue('--accent');
    this.#paintCursor(size);
    this.#root.classList.toggle('pad-empty', this.#drawing.isEmpty);
    this.#enable(this.#clearButton, !this.#drawing.isEmpty);
    this.#enable(this.#shareButton, !this.#drawing.isEmpty);
    this.#enable(this.#undoButton, this.#drawing.canUndo);
    this.#enable(this.#redoButton, this.#drawing.canRedo);
    if (this.#changed) {
      this.#changed = false;
      this.#onChange(this.#drawing.strokes, false);
    }
  }

  /** A ring where the eraser or the keyboard's pen is. @param {number} size of the canvas in pixels */
  #paintCursor(size) {
    const eraser = this.#drawing.eraser ?? this.#brush.hover;
    const cursor = eraser ?? (document.activeElement === this.canvas ? this.keyPen : null);
    if (!cursor) return;
    const radius = eraser || this.eraserChosen ? this.#brush.eraserRadius : this.#brush.width / 2;
    this.#context.lineWidth = size / RING_LINES;
    this.#context.beginPath();
    this.#context.arc(cursor.x * size, cursor.y * size, radius * size, 0, 2 * Math.PI);
    this.#context.stroke();
  }

  /** @param {HTMLButtonElement} button @param {boolean} on */
  #enable(button, on) {
    if (!on && document.activeElement === button) this.canvas.focus({ preventScroll: true }); // else the keys would lose their place
    button.disabled = !on;
  }

  #listenToButtons() {
    this.#undoButton.addEventListener('click', () => this.undo());
    this.#redoButton.addEventListener('click', () => this.redo());
    this.#clearButton.addEventListener('click', () => {
      this.clear();
      this.canvas.focus({ preventScroll: true });
    });
  }

  /** As many pixels as the screen shows of the pad; a pad that is out of view keeps what it has. */
  #fit() {
    const side = Math.round(this.canvas.clientWidth * window.devicePixelRatio);
    if (side > 0 && side !== this.canvas.height) this.canvas.width = this.canvas.height = side;
  }

  /** Follow the size and the screen, a change of tab, which takes the size away and back, and the theme, which changes the ink. */
  #follow() {
    new ResizeObserver(() => this.#render()).observe(this.canvas);
    onPixelRatio(() => this.renderSoon());
    new MutationObserver(() => this.renderSoon()).observe(document.body, { attributeFilter: ['class'] });
  }
}
