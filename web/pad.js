/**
 * The drawing pad.
 * In:  pointer and keyboard events on the pad's canvas.
 * Out: one PNG of the whole drawing (black ink on white, 280 × 280) after every stroke, '' after clearing.
 */

/** Pixels a side of the picture that is handed on; the pad on the screen may have any size. */
const PICTURE_SIZE = 280;
/** Width of the brush as a share of the pad's side: with a digit two thirds as tall as the pad, MNIST's stroke. */
const BRUSH = 0.07;
/** How far one press of an arrow key moves the pen, as a share of the side. */
const STEP = 0.04;

/** @typedef {{x: number, y: number}} Point  0…1 from the upper left corner */

/**
 * Draw strokes with a round brush, smoothed through the middle of neighbouring points.
 * @param {CanvasRenderingContext2D} context
 * @param {Point[][]} strokes
 * @param {number} size side of the canvas in its own pixels
 * @param {string} colour
 */
function paint(context, strokes, size, colour) {
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = BRUSH * size;
  context.lineCap = context.lineJoin = 'round';
  for (const points of strokes) {
    const at = points.map(({ x, y }) => [x * size, y * size]);
    context.beginPath();
    if (at.length === 1) {
      context.arc(at[0][0], at[0][1], (BRUSH * size) / 2, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    context.moveTo(at[0][0], at[0][1]);
    for (let i = 1; i < at.length - 1; i += 1) {
      const [x, y] = at[i];
      const [nextX, nextY] = at[i + 1];
      context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    }
    context.lineTo(at[at.length - 1][0], at[at.length - 1][1]);
    context.stroke();
  }
}

/**
 * Make `root` (which holds a canvas and a button `.pad-clear`) a pad.
 * @param {HTMLElement} root
 * @param {(picture: string) => void} onDrawing called when a stroke has ended and when the pad is cleared
 */
export function mountPad(root, onDrawing) {
  const canvas = /** @type {HTMLCanvasElement} */ (root.querySelector('canvas'));
  const clearButton = /** @type {HTMLButtonElement} */ (root.querySelector('.pad-clear'));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const said = /** @type {HTMLElement} */ (root.querySelector('.pad-said'));
  const picture = document.createElement('canvas');
  picture.width = picture.height = PICTURE_SIZE;
  const pictureContext = /** @type {CanvasRenderingContext2D} */ (picture.getContext('2d'));

  /** @type {Point[][]} */
  let strokes = [];
  /** @type {Point[] | null} the stroke being drawn */
  let current = null;
  /** @type {number | null} the pointer that draws it; null: the keys do */
  let pointer = null;
  /** @type {Point | null} the pen moved by keys */
  let cursor = null;
  let frame = 0;

  function render() {
    frame = 0;
    const style = getComputedStyle(canvas);
    context.clearRect(0, 0, canvas.width, canvas.height);
    paint(context, strokes, canvas.width, style.color);
    if (cursor && document.activeElement === canvas) {
      context.strokeStyle = style.getPropertyValue('--accent');
      context.lineWidth = canvas.width / 140;
      context.beginPath();
      context.arc(cursor.x * canvas.width, cursor.y * canvas.width, (BRUSH * canvas.width) / 2, 0, 2 * Math.PI);
      context.stroke();
    }
    root.classList.toggle('pad-empty', strokes.length === 0);
    clearButton.disabled = strokes.length === 0;
  }

  function renderSoon() {
    frame ||= requestAnimationFrame(render);
  }

  function handOn() {
    if (strokes.length === 0) {
      onDrawing('');
      return;
    }
    pictureContext.fillStyle = 'white';
    pictureContext.fillRect(0, 0, PICTURE_SIZE, PICTURE_SIZE);
    paint(pictureContext, strokes, PICTURE_SIZE, 'black');
    onDrawing(picture.toDataURL('image/png'));
  }

  function endStroke() {
    current = null;
    pointer = null;
    handOn();
  }

  function clear() {
    if (strokes.length === 0) return;
    strokes = [];
    current = cursor = null;
    pointer = null;
    renderSoon();
    handOn();
  }

  /** @param {PointerEvent} event @returns {Point} */
  function place(event) {
    const box = canvas.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  }

  canvas.addEventListener('pointerdown', (event) => {
    // A second finger, or a palm beside a pen, does not draw
    if (pointer !== null || event.button !== 0) return;
    if (current) endStroke();
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    cursor = null;
    current = [place(event)];
    strokes.push(current);
    renderSoon();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!current || event.pointerId !== pointer) return;
    // A fast pen reports several places a frame; older browsers and synthetic events report none
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) current.push(place(each));
    renderSoon();
  });
  for (const type of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(type, (event) => {
      if (current && /** @type {PointerEvent} */ (event).pointerId === pointer) endStroke();
    });
  }

  clearButton.addEventListener('click', () => {
    clear();
    canvas.focus({ preventScroll: true });
  });

  const arrows = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
  canvas.addEventListener('keydown', (event) => {
    if (pointer !== null) return;
    const arrow = arrows[/** @type {keyof typeof arrows} */ (event.key)];
    if (event.key === 'Escape') {
      clear();
    } else if (event.key === ' ') {
      // Space puts the pen on the paper and lifts it
      cursor ??= { x: 0.5, y: 0.3 };
      if (current) {
        endStroke();
        said.textContent = 'Pen up';
      } else {
        said.textContent = 'Pen down';
        current = [{ ...cursor }];
        strokes.push(current);
      }
    } else if (arrow) {
      cursor ??= { x: 0.5, y: 0.3 };
      cursor.x = Math.min(1, Math.max(0, cursor.x + arrow[0]));
      cursor.y = Math.min(1, Math.max(0, cursor.y + arrow[1]));
      current?.push({ ...cursor });
    } else {
      return;
    }
    event.preventDefault();
    renderSoon();
  });
  canvas.addEventListener('focus', renderSoon);
  canvas.addEventListener('blur', () => {
    if (current && pointer === null) endStroke();
    renderSoon();
  });

  // Follow the size on the screen, its pixel ratio, and the change of a tab, which takes the size away and back
  new ResizeObserver(() => {
    const side = Math.round(canvas.clientWidth * window.devicePixelRatio);
    if (side === 0) return;
    canvas.width = canvas.height = side;
    render();
  }).observe(canvas);
  // …and of the theme, which changes the ink
  new MutationObserver(renderSoon).observe(document.body, { attributeFilter: ['class'] });
  root.classList.add('pad-ready');
}
