/**
 * Input from mouse, stylus, finger or keyboard.
 * In:  events on the pad's canvas and on the page.
 * Out: moves of the pad's pen.
 */

/** @typedef {import('./pad.js').Pad} Pad */
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

/** Ink stays on the pad, where it can be seen. @param {number} share */
const onPad = (share) => Math.min(1, Math.max(0, share || 0)); // a hidden pad has no size, which gives NaN

/** @param {HTMLElement} canvas @param {PointerEvent} event @returns {Point} */
function pointOf(canvas, { clientX, clientY }) {
  const box = canvas.getBoundingClientRect();
  return { x: onPad((clientX - box.left) / box.width), y: onPad((clientY - box.top) / box.height) };
}

/** @param {Pad} pad */
export function listenToPointer(pad) {
  const { canvas } = pad;
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== TIP && event.button !== PEN_ERASER) return;
    if (pad.pointer !== null) {
      if (!event.isPrimary) return; // a second finger, or a palm beside a pen, does not draw
      pad.lift(); // the end of the last stroke never came
    }
    if (pad.isDown) pad.lift();
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
  // the browser took the gesture, for example to scroll with two fingers: it was not a stroke
  canvas.addEventListener('pointercancel', (event) => {
    if (event.pointerId === pad.pointer) pad.cancel();
  });
}

/** Arrow keys move the pen, Space puts it or the eraser on the paper and lifts it. @param {Pad} pad */
export function listenToKeys(pad) {
  const { canvas } = pad;
  canvas.addEventListener('keydown', (event) => {
    if (pad.pointer !== null || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === ' ') {
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

/** Escape clears, Ctrl+Z and Ctrl+Y undo and redo, wherever the focus is. @param {Pad} pad @param {HTMLElement} root */
export function listenToShortcuts(pad, root) {
  document.addEventListener('keydown', (event) => {
    const focused = document.activeElement;
    // never when the pad is out of view, in the middle of a stroke, or while something else is typed into
    if (pad.canvas.clientWidth === 0 || pad.pointer !== null || event.defaultPrevented || event.altKey) return;
    if (focused && !root.contains(focused) && focused.matches('input, textarea, select, [contenteditable]')) return;
    const key = event.key.toLowerCase();
    const command = event.ctrlKey || event.metaKey;
    let done = false;
    if (key === 'escape') done = pad.clear();
    else if (command && key === 'z' && !event.shiftKey) done = pad.undo();
    else if (command && (key === 'y' || (key === 'z' && event.shiftKey))) done = pad.redo();
    if (done) event.preventDefault();
  });
}
