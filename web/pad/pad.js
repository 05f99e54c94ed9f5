/**
 * The drawing pad: mouse, pen, finger or keys; brush, eraser, undo and redo; a picture under the strokes.
 * In:  events on the elements of `pad.html`; strokes and pictures from elsewhere.
 * Out: the strokes as points, on every frame in which they changed and at the end of every stroke.
 */

/** @typedef {import('../engine/strokes.js').Point} Point  0…1 from the upper left corner */
/**
 * @typedef {object} Sheet  a picture on the pad, under all strokes, as large as the pad allows
 * @property {HTMLCanvasElement} canvas
 * @property {Uint8Array | null} levels of a digit from MNIST, whose canvas is ink without a ground; null: a photograph
 */
/** @typedef {{points: Point[], width: number, sheet?: Sheet}} Stroke  width as a share of the pad's side; a sheet has no points */
/** @typedef {(strokes: Stroke[], ended: boolean) => void} OnChange */
/**
 * @typedef {object} Pad
 * @property {(strokes: Stroke[]) => void} put in the place of what is there, which undo brings back
 * @property {(strokes: Stroke[]) => void} write the same, but stroke by stroke, as a hand would
 */

/** How far one press of an arrow key moves the pen, as a share of the side. */
const STEP = 0.04;
/** The eraser is so many times as wide as the brush. */
const ERASER = 1.8;
/** Where the keys put the pen at first. */
const KEY_START = { x: 0.5, y: 0.3 };
/** How long it takes to write a drawing from elsewhere, in milliseconds. */
const WRITING = 600;

/** Where a sheet lies, in shares of the pad's side: in its middle, whole. @param {Sheet} sheet */
export function sheetBox({ canvas }) {
  const longest = Math.max(canvas.width, canvas.height);
  const [width, height] = [canvas.width / longest, canvas.height / longest];
  return { left: (1 - width) / 2, top: (1 - height) / 2, width, height };
}

/**
 * Draw strokes with a round brush, smoothed through the middle of neighbouring points, in the context's `strokeStyle`.
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke[]} strokes
 * @param {number} size side of the pad in pixels of the canvas
 */
export function paint(context, strokes, size) {
  context.lineCap = context.lineJoin = 'round';
  for (const { points, width, sheet } of strokes) {
    if (sheet) {
      const { left, top, width: wide, height } = sheetBox(sheet);
      context.imageSmoothingEnabled = sheet.levels === null;
      context.drawImage(sheet.canvas, left * size, top * size, wide * size, height * size);
      if (sheet.levels) {
        context.globalCompositeOperation = 'source-in'; // its ink takes the colour of all ink
        context.fillStyle = context.strokeStyle;
        context.fillRect(0, 0, size, size);
        context.globalCompositeOperation = 'source-over';
      }
      continue;
    }
    const at = points.map(({ x, y }) => [x * size, y * size]);
    context.lineWidth = width * size;
    context.beginPath();
    context.moveTo(at[0][0], at[0][1]);
    for (let i = 1; i < at.length - 1; i += 1) {
      const [x, y] = at[i];
      const [nextX, nextY] = at[i + 1];
      context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    }
    context.lineTo(at[at.length - 1][0], at[at.length - 1][1]); // alone, it makes a dot
    context.stroke();
  }
}

/**
 * What is left of `strokes` when a round eraser moves straight from `from` to `to`: strokes are cut, not painted over.
 * @param {Stroke[]} strokes
 * @param {Point} from
 * @param {Point} to
 * @param {number} radius
 * @returns {Stroke[]} the same array when nothing was hit
 */
export function erase(strokes, from, to, radius) {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = dx * dx + dy * dy;
  const hit = (/** @type {Point} */ { x, y }, /** @type {number} */ reach) => {
    const along = length ? Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / length)) : 0;
    return Math.hypot(x - from.x - along * dx, y - from.y - along * dy) < reach;
  };
  let changed = false;
  const left = strokes.flatMap((stroke) => {
    if (stroke.sheet) return [stroke];
    const reach = radius + stroke.width / 2;
    const dense = densified(stroke.points, reach / 4);
    if (!dense.some((point) => hit(point, reach))) return [stroke];
    changed = true;
    /** @type {Stroke[]} */
    const pieces = [];
    let gap = true;
    for (const point of dense) {
      if (hit(point, reach)) {
        gap = true;
        continue;
      }
      if (gap) pieces.push({ points: [], width: stroke.width });
      pieces[pieces.length - 1].points.push(point);
      gap = false;
    }
    return pieces;
  });
  return changed ? left : strokes;
}

/** `points` with more between them where they are further apart than `step`. @param {Point[]} points @param {number} step */
function densified(points, step) {
  const dense = [points[0]];
  for (let i = 1; i < points.length; i += 1) {
    const [a, b] = [points[i - 1], points[i]];
    const parts = Math.ceil(Math.hypot(b.x - a.x, b.y - a.y) / step);
    for (let part = 1; part < parts; part += 1) {
      dense.push({ x: a.x + ((b.x - a.x) * part) / parts, y: a.y + ((b.y - a.y) * part) / parts });
    }
    dense.push(b);
  }
  return dense;
}

/** The part of `strokes` that a hand has written after `share` of the way. @param {Stroke[]} strokes @param {number} share */
function beginning(strokes, share) {
  let left = Math.ceil(share * strokes.reduce((sum, { points }) => sum + points.length, 0));
  return strokes.flatMap((stroke) => {
    const points = stroke.points.slice(0, Math.max(0, left));
    left -= stroke.points.length;
    return points.length ? [{ ...stroke, points }] : [];
  });
}

/**
 * Make `root`, which holds what `pad.html` has, a pad.
 * @param {HTMLElement} root
 * @param {OnChange} onChange `ended`: a stroke has ended or a button was used; otherwise the pen is still moving
 * @returns {Pad}
 */
export function mountPad(root, onChange) {
  /** @type {<T extends HTMLElement>(selector: string) => T} */
  const find = (selector) => /** @type {any} */ (root.querySelector(selector));
  const canvas = /** @type {HTMLCanvasElement} */ (find('canvas'));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const said = find('.pad-said');
  const undoButton = /** @type {HTMLButtonElement} */ (find('.pad-undo'));
  const redoButton = /** @type {HTMLButtonElement} */ (find('.pad-redo'));
  const clearButton = /** @type {HTMLButtonElement} */ (find('.pad-clear'));
  const eraserButton = /** @type {HTMLButtonElement} */ (find('.pad-eraser'));
  const brush = /** @type {HTMLInputElement} */ (find('.pad-brush input'));

  /** @type {Stroke[]} never changed in place, but for the stroke being drawn, so that the past can keep it */
  let strokes = [];
  /** @type {Stroke[][]} */
  const past = [];
  /** @type {Stroke[][]} */
  let future = [];
  /** @type {Stroke | null} being drawn */
  let current = null;
  let erasing = false;
  /** @type {number | null} the pointer in use; null: the keys are */
  let pointer = null;
  /** @type {Point | null} where the keys' pen is */
  let keyPen = null;
  /** @type {Point | null} where the eraser is */
  let eraser = null;
  let changed = false;
  let frame = 0;

  const width = () => Number(brush.value) / 1000;
  const eraserChosen = () => eraserButton.getAttribute('aria-pressed') === 'true';

  function render() {
    frame = 0;
    const style = getComputedStyle(canvas);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.strokeStyle = style.color;
    paint(context, strokes, canvas.width);
    const cursor = eraser ?? (document.activeElement === canvas ? keyPen : null);
    if (cursor) {
      context.strokeStyle = style.getPropertyValue('--accent');
      context.lineWidth = canvas.width / 140;
      context.beginPath();
      const radius = ((eraser || eraserChosen() ? ERASER : 1) * width()) / 2;
      context.arc(cursor.x * canvas.width, cursor.y * canvas.width, radius * canvas.width, 0, 2 * Math.PI);
      context.stroke();
    }
    root.classList.toggle('pad-empty', strokes.length === 0);
    for (const [button, off] of /** @type {[HTMLButtonElement, boolean][]} */ ([
      [clearButton, strokes.length === 0], [undoButton, past.length === 0], [redoButton, future.length === 0],
    ])) {
      if (off && document.activeElement === button) canvas.focus({ preventScroll: true }); // else the keys would lose their place
      button.disabled = off;
    }
    if (changed) {
      changed = false;
      onChange(strokes, false);
    }
  }

  function renderSoon() {
    frame ||= requestAnimationFrame(render);
  }

  /** Before anything changes: what is there can be brought back. */
  function remember() {
    past.push(strokes);
  }

  function ended() {
    changed = false;
    renderSoon();
    onChange(strokes, true);
  }

  /** @param {Stroke[]} next */
  function replace(next) {
    stop();
    strokes = next;
    ended();
  }

  /** @param {Stroke[]} next */
  function put(next) {
    finishWriting();
    if (current || erasing) penUp();
    remember();
    future = [];
    replace(next);
  }

  /** @type {Stroke[] | null} what is being written from elsewhere */
  let writing = null;

  /** @param {Stroke[]} next */
  function write(next) {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      put(next);
      return;
    }
    put([]);
    writing = next;
    const start = performance.now();
    const step = () => {
      if (writing !== next) return;
      const share = (performance.now() - start) / WRITING;
      if (share >= 1) {
        finishWriting();
        return;
      }
      strokes = beginning(next, share);
      changed = true;
      render();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** Whoever takes the pen while something is being written finds it written. */
  function finishWriting() {
    if (!writing) return;
    const written = writing;
    writing = null;
    replace(written);
  }

  function stop() {
    current = pointer = eraser = null;
    erasing = false;
    said.textContent = '';
  }

  // each says whether there was anything to do
  function undo() {
    finishWriting();
    const before = past.pop();
    if (!before) return false;
    future.push(strokes);
    replace(before);
    return true;
  }

  function redo() {
    finishWriting();
    const after = future.pop();
    if (!after) return false;
    past.push(strokes);
    replace(after);
    return true;
  }

  function clear() {
    finishWriting();
    if (strokes.length === 0) return false;
    remember();
    future = [];
    replace([]);
    return true;
  }

  /** @param {Point} point */
  function penDown(point) {
    finishWriting();
    remember();
    current = { points: [point], width: width() };
    strokes = [...strokes, current];
    changed = true;
    renderSoon();
  }

  /** @param {Point} point */
  function eraserDown(point) {
    finishWriting();
    remember();
    erasing = true;
    eraseTo(point);
  }

  /** @param {Point} point */
  function eraseTo(point) {
    strokes = erase(strokes, eraser ?? point, point, (ERASER * width()) / 2);
    eraser = point;
    changed = true;
    renderSoon();
  }

  function penUp() {
    stop();
    if (past[past.length - 1] === strokes) {
      past.pop(); // an eraser that hit nothing: the answer stands
      renderSoon();
      return;
    }
    future = [];
    ended();
  }

  /** The browser took the gesture, for example to scroll with two fingers: it was no stroke. */
  function cancel() {
    strokes = past.pop() ?? [];
    stop();
    changed = true;
    renderSoon();
  }

  /** Ink stays on the pad, where it can be seen. @param {PointerEvent} event @returns {Point} */
  function place(event) {
    const box = canvas.getBoundingClientRect();
    const within = (/** @type {number} */ share) => Math.min(1, Math.max(0, share || 0)); // a hidden pad has no size
    return { x: within((event.clientX - box.left) / box.width), y: within((event.clientY - box.top) / box.height) };
  }

  canvas.addEventListener('pointerdown', (event) => {
    // 5 is the other end of a pen
    if (event.button !== 0 && event.button !== 5) return;
    if (pointer !== null) {
      if (!event.isPrimary) return; // a second finger, or a palm beside a pen, does not draw
      penUp(); // the end of the last stroke never came
    }
    if (current || erasing) penUp();
    pointer = event.pointerId;
    try {
      canvas.setPointerCapture(pointer);
    } catch {
      // gone already, or made by a script: the stroke is drawn as far as events come
    }
    if (eraserChosen() || event.button === 5) eraserDown(place(event));
    else penDown(place(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerId !== pointer) return;
    if (event.buttons === 0) {
      penUp(); // lifted where nobody told us
      return;
    }
    // A fast pen reports several places a frame; older browsers and synthetic events report none
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) {
      if (erasing) eraseTo(place(each));
      else current?.points.push(place(each));
    }
    changed = true;
    renderSoon();
  });
  for (const type of ['pointerup', 'lostpointercapture']) {
    canvas.addEventListener(type, (event) => {
      if (/** @type {PointerEvent} */ (event).pointerId === pointer) penUp();
    });
  }
  canvas.addEventListener('pointercancel', (event) => {
    if (event.pointerId === pointer) cancel();
  });

  undoButton.addEventListener('click', undo);
  redoButton.addEventListener('click', redo);
  clearButton.addEventListener('click', () => {
    clear();
    canvas.focus({ preventScroll: true });
  });
  eraserButton.addEventListener('click', () => {
    eraserButton.setAttribute('aria-pressed', String(!eraserChosen()));
  });

  const arrows = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
  canvas.addEventListener('keydown', (event) => {
    if (pointer !== null || event.altKey || event.ctrlKey || event.metaKey) return;
    const arrow = arrows[/** @type {keyof typeof arrows} */ (event.key)];
    if (event.key === ' ') {
      event.preventDefault();
      if (event.repeat) return;
      // Space puts the pen or the eraser on the paper and lifts it
      keyPen ??= { ...KEY_START };
      if (current || erasing) {
        penUp();
      } else {
        if (eraserChosen()) eraserDown(keyPen);
        else penDown(keyPen);
        said.textContent = erasing ? 'Eraser down' : 'Pen down';
      }
    } else if (arrow) {
      event.preventDefault();
      keyPen ??= { ...KEY_START };
      keyPen = { x: Math.min(1, Math.max(0, keyPen.x + arrow[0])), y: Math.min(1, Math.max(0, keyPen.y + arrow[1])) };
      if (erasing) eraseTo(keyPen);
      current?.points.push(keyPen);
      changed = Boolean(current) || changed;
    }
    renderSoon();
  });
  document.addEventListener('keydown', (event) => {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    // never when the pad is out of view, in the middle of a stroke, or while something else is typed into
    if (canvas.clientWidth === 0 || pointer !== null || event.defaultPrevented || event.altKey) return;
    if (focused && !root.contains(focused) && focused.matches('input, textarea, select, [contenteditable]')) return;
    const key = event.key.toLowerCase();
    const command = event.ctrlKey || event.metaKey;
    let done = false;
    if (key === 'escape') done = clear();
    else if (command && key === 'z' && !event.shiftKey) done = undo();
    else if (command && (key === 'y' || (key === 'z' && event.shiftKey))) done = redo();
    if (done) event.preventDefault();
  });
  canvas.addEventListener('focus', renderSoon);
  canvas.addEventListener('blur', () => {
    if ((current || erasing) && pointer === null) penUp();
    renderSoon();
  });

  // Follow the size on the screen and the change of a tab, which takes the size away and back
  new ResizeObserver(() => {
    const side = Math.round(canvas.clientWidth * window.devicePixelRatio);
    if (side === 0) return;
    canvas.width = canvas.height = side;
    render();
  }).observe(canvas);
  // …and of the theme, which changes the ink
  new MutationObserver(renderSoon).observe(document.body, { attributeFilter: ['class'] });
  root.classList.add('pad-ready');
  return { put, write };
}
