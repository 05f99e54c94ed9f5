/**
 * What comes to the pad from elsewhere: examples to click, and the visitor's own pictures.
 * In:  the row of `pad.html`; files chosen, dropped on the pad or pasted.
 * Out: strokes or a sheet for the pad; of a file that is no picture, a sentence.
 */

import { IMAGE_FILE, MODEL } from '../engine/constants.js';
import { EXAMPLES } from './examples.js';

/** @typedef {import('./pad.js').Pad} Pad */
/** @typedef {import('./pad.js').Sheet} Sheet */

const { IMAGE_SIZE } = MODEL;

/** A digit of MNIST as ink without a ground. @param {Uint8Array} levels 784, bright ink on 0 @returns {Sheet} */
export function sheetOf(levels) {
  const { canvas, context } = newCanvas(IMAGE_SIZE, IMAGE_SIZE);
  const image = context.createImageData(IMAGE_SIZE, IMAGE_SIZE);
  levels.forEach((level, i) => image.data.set([0, 0, 0, level], 4 * i));
  context.putImageData(image, 0, 0);
  return { canvas, levels };
}

/** @param {number} width @param {number} height */
function newCanvas(width, height) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  return { canvas, context: /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')) };
}

/** @param {Blob} file @returns {Promise<Sheet>} */
async function photograph(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, IMAGE_FILE.WORKING_SIZE / Math.max(bitmap.width, bitmap.height));
  const { canvas, context } = newCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return { canvas, levels: null };
}

/**
 * @param {HTMLElement} root holds what `pad.html` has
 * @param {Pad} pad
 * @param {(words: string) => void} say
 */
export function mountBring(root, pad, say) {
  const row = /** @type {HTMLElement} */ (root.querySelector('.pad-examples'));
  const input = /** @type {HTMLInputElement} */ (root.querySelector('.pad-upload input'));

  for (const { name, brush, strokes } of EXAMPLES) {
    const paths = strokes.map((stroke) => stroke.map(([x, y]) => ({ x: x / 1000, y: y / 1000 })));
    const button = document.createElement('button');
    button.type = 'button';
    button.setAttribute('aria-label', `Example: ${name}`);
    button.title = name;
    button.innerHTML = '<svg viewBox="0 0 1000 1000" aria-hidden="true"><path/></svg>';
    const lines = strokes.map((stroke) => `M${stroke.map((point) => point.join(' ')).join('L')}`);
    /** @type {SVGPathElement} */ (button.querySelector('path')).setAttribute('d', lines.join(''));
    button.addEventListener('click', () => pad.write(paths.map((points) => ({ points, width: brush }))));
    row.append(button);
  }

  /** @param {File | null | undefined} file */
  async function bring(file) {
    if (!file) return;
    try {
      const sheet = await photograph(file);
      pad.put([{ points: [], width: 0, sheet }]);
    } catch {
      say('This file cannot be read as a picture. Choose a PNG, JPEG or WebP.');
    }
  }
  input.addEventListener('change', () => {
    bring(input.files?.[0]);
    input.value = ''; // the same file may be chosen again
  });
  root.addEventListener('dragover', (event) => event.preventDefault());
  root.addEventListener('drop', (event) => {
    event.preventDefault();
    bring(event.dataTransfer?.files[0]);
  });
  document.addEventListener('paste', (event) => {
    const file = event.clipboardData?.files[0];
    if (!file || row.clientWidth === 0) return; // the pad is out of view
    event.preventDefault();
    bring(file);
  });
}
