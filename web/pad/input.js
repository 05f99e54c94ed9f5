/**
 * Input from mouse, stylus, finger or keyboard.
 * In:  events on the pad's canvas and on the page.
 * Out: moves of the pad's pen.
 */

/**
 * What is drawn on: the pad, or another canvas that draws on it.
 * @typedef {Pick<import('./pad.js').Pad, 'canvas' | 'pointer' | 'keyPen' | 'isDown' | 'eraserChosen' | 'down' | 'moveTo' | 'lift' |
 *   'cancel' | 'clear' | 'undo' | 'redo' | 'say' | 'renderSoon'>} Pad
 */
/** @typedef {import('./strokes.js').Point} Point */

/** How far one press of an arrow key moves the pen, as a fraction of the side. */
const STEP = 0.04;
/** Where the keyboard's pen is at first. */
const KEY_START = { x: 0.5, y: 0.3 };
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
/** `PointerEvent.button` of a pen's tip or the left mouse button, and of the other end of a pen. */
const TIP = 0;
const PEN_ERASER = 5;
/** Milliseconds after a pen was last seen in which a touch is the palm of the hand that holds it. */
const PALM_TIME = 1500;
/** A second finger that comes within as many milliseconds of the first begins a gesture: scrolling or zooming. */
const GESTURE_TIME = 300;
/** The keys of the shortcuts, by their place on the keyboard: for scripts that have no Latin letters there. @type {Record<string, string>} */
const PLACES = { KeyY: 'y', KeyZ: 'z' };

/** Ink stays on the pad, where it can be seen. @param {number} share */
const onPad = (share) => Math.min(1, Math.max(0, share || 0)); // a hidden pad has no size, which gives NaN

/** @param {HTMLElement} canvas @param {PointerEvent} event @returns {Point} */
function pointOf(canvas, { clientX, clientY }) {
  const box = canvas.getBoundingClientRect();
  return { x: onPad((clientX - box.left) / box.width), y: onPad((clientY - box.top) / box.height) };
}

/**
 * Decides which pointers draw. Every kind of pointer has a primary one of its own, so a palm beside a pen is primary too.
 */
class Pointers {
  #pad;
  /** The kind and the beginning of the stroke being drawn. */
  #kind = '';
  #began = 0;
  /** When a pen was last on or above the pad. */
  #penSeen = -Infinity;
  /** The kind of the pointer that was last on the pad. */
  latest = '';

  /** @param {Pad} pad */
  constructor(pad) {
    this.#pad = pad;
  }

  /** Whether a new pointer may draw; a stroke that it ends or replaces is dealt with. @param {PointerEvent} event */
  admit(event) {
    const pad = this.#pad;
    const drawing = pad.pointer === null ? '' : this.#kind;
    if (event.pointerType === 'touch') {
      if (drawing === 'pen' || event.timeStamp - this.#penSeen < PALM_TIME) return false; // a palm
      if (drawing === 'touch' && !event.isPrimary) {
        if (event.timeStamp - this.#began < GESTURE_TIME) pad.cancel();
        return false;
      }
    }
    if (event.pointerType === 'pen' && drawing === 'touch') pad.cancel(); // the palm came first
    else if (pad.pointer !== null && !event.isPrimary) return false;
    if (pad.isDown) pad.lift(); // the end of the last stroke never came, or the keyboard's pen is down
    this.#kind = event.pointerType;
    this.#began = event.timeStamp;
    return true;
  }

  /** @param {PointerEvent} event anywhere on the pad */
  watch(event) {
    this.latest = event.pointerType;
    if (event.pointerType === 'pen') this.#penSeen = event.timeStamp;
  }
}

/** @param {Pad} pad */
export function listenToPointer(pad) {
  const { canvas } = pad;
  const pointers = new Pointers(pad);
  for (const type of ['pointerdown', 'pointermove', 'pointerup']) {
    canvas.addEventListener(type, (event) => pointers.watch(/** @type {PointerEvent} */ (event)));
  }
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== TIP && event.button !== PEN_ERASER) return;
    if (!pointers.admit(event)) return;
    pad.down(pointOf(canvas, event), pad.eraserChosen || event.button === PEN_ERASER);
    pad.pointer = event.pointerId;
    try {
      canvas.setPointerCapture(event.pointerId);
    } catch {
      // gone already, or made by a script: the stroke is drawn as far as events come
    }
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerId !== pad.pointer) return;
    if (event.buttons === 0) {
      pad.lift(); // lifted where no event reached the page
      return;
    }
    // A fast pen reports several places per frame; older browsers and synthetic events report none
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) pad.moveTo(pointOf(canvas, each));
    pad.renderSoon();
  });
  for (const type of ['pointerup', 'lostpointercapture']) {
    canvas.addEventListener(type, (event) => {
      if (/** @type {PointerEvent} */ (event).pointerId === pad.pointer) pad.lift();
    });
  }
  // a long press of a finger or pen, or Ctrl and a click on a Mac: only a mouse's other button asks for the menu
  canvas.addEventListener('contextmenu', (event) => {
    if (pad.pointer !== null || pointers.latest !== 'mouse') event.preventDefault();
  });
  // the browser took the gesture, for example to scroll with two fingers: it was not a stroke
  canvas.addEventListener('pointercancel', (event) => {
    if (event.pointerId === pad.pointer) pad.cancel();
  });
}

/**
 * One finger or a stylus draws, so the system may make nothing else of its moves: iPads would turn quick strokes into text
 * (Scribble). Two fingers scroll and zoom, which they could no longer do if the first touch itself were prevented.
 * @param {Pad} pad
 */
export function keepTouches({ canvas }) {
  const keep = (/** @type {TouchEvent} */ event) => {
    // Safari alone says of a touch that it is a stylus; a palm may lie beside it
    const stylus = [...event.touches].some((touch) => 'touchType' in touch && touch.touchType === 'stylus');
    if (event.cancelable && (event.touches.length === 1 || stylus)) event.preventDefault();
  };
  canvas.addEventListener('touchmove', keep, { passive: false });
}

/** Arrow keys move the pen, Space puts it or the eraser on the paper and lifts it. @param {Pad} pad */
export function listenToKeys(pad) {
  const { canvas } = pad;
  canvas.addEventListener('keydown', (event) => {
    if (pad.pointer !== null || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === ' ' || event.code === 'Space') {
      event.preventDefault();
      if (!event.repeat) pressSpace(pad);
    } else if (event.key in ARROWS) {
      event.preventDefault();
      const [x, y] = ARROWS[event.key];
      const from = pad.keyPen ?? KEY_START;
      pad.keyPen = { x: onPad(from.x + x), y: onPad(from.y + y) };
      pad.moveTo(pad.keyPen);
    }
    pad.renderSoon();
  });
  canvas.addEventListener('focus', () => pad.renderSoon());
  canvas.addEventListener('blur', () => {
    if (pad.isDown && pad.pointer === null) pad.lift();
    pad.renderSoon();
  });
}

/** @param {Pad} pad */
function pressSpace(pad) {
  pad.keyPen ??= KEY_START;
  if (pad.isDown) {
    pad.lift();
    return;
  }
  pad.down(pad.keyPen, pad.eraserChosen);
  pad.say(pad.eraserChosen ? 'Eraser down' : 'Pen down');
}

/**
 * The letter of a shortcut: what the key writes, wherever it lies (QWERTZ, Dvorak), or, where it writes another script (Cyrillic,
 * Greek, Hebrew, Arabic), what a Latin keyboard has in its place.
 * @param {KeyboardEvent} event
 */
function letterOf({ key, code }) {
  return /^[ -~]$/.test(key) ? key.toLowerCase() : PLACES[code];
}

/** Escape clears, Ctrl+Z and Ctrl+Y undo and redo, wherever the focus is. @param {Pad} pad @param {HTMLElement} root */
export function listenToShortcuts(pad, root) {
  document.addEventListener('keydown', (event) => {
    const focused = document.activeElement;
    // never when the pad is out of view, in the middle of a stroke, or while something else is typed into
    if (pad.canvas.clientWidth === 0 || pad.pointer !== null || event.defaultPrevented || event.altKey || event.isComposing) return;
    if (focused && !root.contains(focused) && focused.matches('input, textarea, select, [contenteditable]')) return;
    const letter = letterOf(event);
    const command = event.ctrlKey || event.metaKey;
    let done = false;
    if (event.key === 'Escape') done = pad.clear();
    else if (command && letter === 'z' && !event.shiftKey) done = pad.undo();
    else if (command && (letter === 'y' || (letter === 'z' && event.shiftKey))) done = pad.redo();
    if (done) event.preventDefault();
  });
}
