/**
 * Ways to put something on the pad without drawing: examples to click, the visitor's own pictures, MNIST digits.
 * In:  the row of `pad.html`; files chosen, dropped on the pad or pasted.
 * Out: strokes or a sheet for the pad; a sentence when a file is not a picture.
 */

import { IMAGE_FILE, MODEL } from '../engine/constants.js';
import { contextOf, newCanvas, paintPixels } from './canvas.js';
import { find, makeButton } from './dom.js';
import { EXAMPLES } from './examples.js';

/** @typedef {import('./pad.js').Pad} Pad */
/** @typedef {import('./strokes.js').Sheet} Sheet */

const { IMAGE_SIZE } = MODEL;
/** The examples' points are in thousandths of the pad's side. */
const EXAMPLE_UNIT = 1000;

/** A digit of MNIST as ink without a ground. @param {Uint8Array} levels 784, bright ink on 0 @returns {Sheet} */
export function sheetOf(levels) {
  const canvas = newCanvas(IMAGE_SIZE, IMAGE_SIZE);
  paintPixels(canvas, IMAGE_SIZE, IMAGE_SIZE, (i) => [0, 0, 0, levels[i]]);
  return { canvas, levels };
}

/** Put a sheet on the pad, in the place of what is there. @param {Pad} pad @param {Sheet} sheet */
export function putSheet(pad, sheet) {
  pad.put([{ points: [], width: 0, sheet }]);
}

/** @param {Blob} file @returns {Promise<Sheet>} rejects when it is not a picture */
async function photograph(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, IMAGE_FILE.WORKING_SIZE / Math.max(bitmap.width, bitmap.height));
  const canvas = newCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  const context = contextOf(canvas);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return { canvas, levels: null };
}

/**
 * @param {HTMLElement} root holds what `pad.html` has
 * @param {Pad} pad
 * @param {(sentence: string) => void} say
 */
export function mountImports(root, pad, say) {
  const row = find(root, '.pad-examples', HTMLElement);
  const input = find(root, '.pad-upload input', HTMLInputElement);
  row.append(...EXAMPLES.map((example) => exampleButton(example, pad)));

  /** @param {File | null | undefined} file */
  async function importFile(file) {
    if (!file) return;
    try {
      putSheet(pad, await photograph(file));
    } catch {
      say('This file cannot be read as a picture. Choose a PNG, JPEG or WebP.');
    }
  }
  input.addEventListener('change', () => {
    importFile(input.files?.[0]);
    input.value = ''; // the same file may be chosen again
  });
  root.addEventListener('dragover', (event) => event.preventDefault());
  root.addEventListener('drop', (event) => {
    event.preventDefault();
    importFile(event.dataTransfer?.files[0]);
  });
  document.addEventListener('paste', (event) => {
    const file = event.clipboardData?.files[0];
    if (!file || row.clientWidth === 0) return; // the pad is out of view
    event.preventDefault();
    importFile(file);
  });
}

/** @param {EXAMPLES[number]} example @param {Pad} pad */
function exampleButton({ name, brush, strokes }, pad) {
  const button = makeButton();
  button.setAttribute('aria-label', `Example: ${name}`);
  button.title = name;
  const lines = strokes.map((stroke) => `M${stroke.map((point) => point.join(' ')).join('L')}`);
  button.innerHTML = `<svg viewBox="0 0 ${EXAMPLE_UNIT} ${EXAMPLE_UNIT}" aria-hidden="true"><path d="${lines.join('')}"/></svg>`;
  const scaled = strokes.map((stroke) => stroke.map(([x, y]) => ({ x: x / EXAMPLE_UNIT, y: y / EXAMPLE_UNIT })));
  button.addEventListener('click', () => pad.write(scaled.map((points) => ({ points, width: brush }))));
  return button;
}
