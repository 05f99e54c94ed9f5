/**
 * Strokes as points, and the part of them that an eraser leaves.
 * In:  strokes, points.
 * Out: strokes; nothing is changed in place.
 */

/** @typedef {import('../engine/strokes.js').Point} Point  0…1 from the upper left corner */
/**
 * @typedef {{canvas: HTMLCanvasElement} & ({levels: Uint8Array, pixels: null} | {levels: null, pixels: import('./pixels.js').Pixels})} Sheet  a picture on
 *   the pad, under all strokes, as large as the pad allows: the levels of a digit from MNIST, whose canvas is ink without a ground, or
 *   the pixels of a photograph
 */
/** @typedef {{points: Point[], width: number, sheet?: Sheet}} Stroke  width as a fraction of the pad's side; a sheet has no points */

/** Where a sheet lies, in fractions of the pad's side: in its middle, whole. @param {Sheet} sheet */
export function sheetBox({ canvas }) {
  const longest = Math.max(canvas.width, canvas.height);
  const [width, height] = [canvas.width / longest, canvas.height / longest];
  return { left: (1 - width) / 2, top: (1 - height) / 2, width, height };
}

/** Points closer together than this cannot be told apart on any screen; in fractions of the pad's side. */
const FINEST = 0.002;

/** Add `point` at the end, unless nobody could see it: a mouse may report 8,000 places a second. @param {Point[]} points @param {Point} point */
export function addPoint(points, point) {
  const last = points[points.length - 1];
  if (Math.hypot(point.x - last.x, point.y - last.y) >= FINEST) points.push(point);
}

/** Whether a photograph is among them. @param {Stroke[]} strokes */
export const holdsPhotograph = (strokes) => strokes.some(({ sheet }) => sheet && !sheet.levels);

/** Whether a picture is among them: a photograph or a digit of MNIST. @param {Stroke[]} strokes */
export const holdsPicture = (strokes) => strokes.some(({ sheet }) => sheet);

/** How far ink reaches beyond the points of strokes; pictures are measured by their ink. @param {Stroke[]} strokes */
export const brushMargin = (strokes) => (holdsPicture(strokes) ? 0 : Math.max(0, ...strokes.map(({ width }) => width / 2)));

/** `box` with a margin around it, as far as the pad reaches. @param {import('../engine/predict.js').Box} box @param {number} margin */
export function grown({ left, top, right, bottom }, margin) {
  return {
    left: Math.max(0, left - margin),
    top: Math.max(0, top - margin),
    right: Math.min(1, right + margin),
    bottom: Math.min(1, bottom + margin),
  };
}

/**
 * What is left of `strokes` when a round eraser moves straight from `from` to `to`: strokes are cut, not painted over.
 * @param {Stroke[]} strokes
 * @param {Point} from
 * @param {Point} to
 * @param {number} radius as a fraction of the pad's side
 * @returns {Stroke[]} the same array when nothing was hit
 */
export function erase(strokes, from, to, radius) {
  const hit = (/** @type {Point} */ point, /** @type {number} */ reach) => distanceToSegment(point, from, to) < reach;
  let changed = false;
  const left = strokes.flatMap((stroke) => {
    if (stroke.sheet) return [stroke];
    const reach = radius + stroke.width / 2;
    const dense = densified(stroke.points, reach / 4);
    if (!dense.some((point) => hit(point, reach))) return [stroke];
    changed = true;
    return split(dense, (point) => hit(point, reach)).map((points) => ({ points, width: stroke.width }));
  });
  return changed ? left : strokes;
}

/** @param {Point} point @param {Point} from @param {Point} to */
export function distanceToSegment({ x, y }, from, to) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const along = length ? Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / length)) : 0;
  return Math.hypot(x - from.x - along * dx, y - from.y - along * dy);
}

/** The runs of `points` between those that are gone. @param {Point[]} points @param {(point: Point) => boolean} gone */
function split(points, gone) {
  /** @type {Point[][]} */
  const pieces = [];
  let gap = true;
  for (const point of points) {
    if (gone(point)) {
      gap = true;
      continue;
    }
    if (gap) pieces.push([]);
    pieces[pieces.length - 1].push(point);
    gap = false;
  }
  return pieces;
}

/** `points` with more between them where they are further apart than `step`. @param {Point[]} points @param {number} step */
export function densified(points, step) {
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
export function beginning(strokes, share) {
  let left = Math.ceil(share * strokes.reduce((sum, { points }) => sum + points.length, 0));
  return strokes.flatMap((stroke) => {
    const points = stroke.points.slice(0, Math.max(0, left));
    left -= stroke.points.length;
    return points.length ? [{ ...stroke, points }] : [];
  });
}
