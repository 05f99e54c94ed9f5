/**
 * Strokes and pictures on a canvas.
 * In:  what is on the pad.
 * Out: ink, in the context's `strokeStyle`; the pad shows it, and a picture that was drawn over is read from it.
 */

import { sheetBox } from './strokes.js';

/** @typedef {import('./strokes.js').Stroke} Stroke */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke[]} strokes
 * @param {number} size side of the pad in pixels of the canvas
 */
export function paint(context, strokes, size) {
  context.lineCap = context.lineJoin = 'round';
  for (const { points, width, sheet } of strokes) {
    if (sheet) {
      paintSheet(context, sheet, size);
    } else {
      context.lineWidth = width * size;
      paintLine(context, points, size);
    }
  }
}

/** @param {CanvasRenderingContext2D} context @param {import('./strokes.js').Sheet} sheet @param {number} size */
function paintSheet(context, sheet, size) {
  const { left, top, width, height } = sheetBox(sheet);
  context.imageSmoothingEnabled = sheet.levels === null;
  context.drawImage(sheet.canvas, left * size, top * size, width * size, height * size);
  if (!sheet.levels) return;
  context.globalCompositeOperation = 'source-in'; // its ink takes the colour of all ink
  context.fillStyle = context.strokeStyle;
  context.fillRect(0, 0, size, size);
  context.globalCompositeOperation = 'source-over';
}

/** Smoothed through the middle of neighbouring points. @param {CanvasRenderingContext2D} context @param {import('./strokes.js').Point[]} points @param {number} size */
function paintLine(context, points, size) {
  const at = points.map(({ x, y }) => [x * size, y * size]);
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
