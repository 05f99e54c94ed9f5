/**
 * Ways to put something on the pad without drawing: examples to click, the visitor's own pictures, MNIST digits.
 * In:  the row of `pad.html`; files chosen, dropped on the pad or pasted.
 * Out: strokes or a sheet for the pad; a sentence when a file is not a picture.
 */

import { MODEL } from '../engine/constants.js';
import { contextOf, newCanvas, paintPixels } from './canvas.js';
import { PixelsHidden } from './decode.js';
import { find, makeButton } from './dom.js';
import { EXAMPLES } from './examples.js';
import { densified } from './strokes.js';

/** @typedef {import('./pad.js').Pad} Pad */
/** @typedef {import('./strokes.js').Sheet} Sheet */

const { IMAGE_SIZE } = MODEL;
/** The examples' points are in thousandths of the pad's side. */
const EXAMPLE_UNIT = 1000;
/** Between their points, in fractions of the pad's side, so that smoothing keeps the corners. */
const EXAMPLE_STEP = 0.02;
const DECODING = 'Opening the picture …';
const HIDDEN =
  'This browser’s protection against fingerprinting hides the pixels of pictures from the page. Draw the digits, or allow this site to ' +
  'read canvases: Firefox and Tor Browser ask in the address bar.';

/** A digit of MNIST as ink without a ground. @param {Uint8Array} levels 784, bright ink on 0 @returns {Sheet} */
export function sheetOf(levels) {
  const canvas = newCanvas(IMAGE_SIZE, IMAGE_SIZE);
  paintPixels(canvas, IMAGE_SIZE, IMAGE_SIZE, (i) => [0, 0, 0, levels[i]]);
  return { canvas, levels, pixels: null };
}

/** Put a sheet on the pad, in the place of what is there. @param {Pad} pad @param {Sheet} sheet */
export function putSheet(pad, sheet) {
  pad.put([{ points: [], width: 0, sheet }]);
}

/** @param {import('./pixels.js').Pixels} pixels @returns {Sheet} */
function photographSheet(pixels) {
  const canvas = newCanvas(pixels.width, pixels.height);
  const image = contextOf(canvas).createImageData(pixels.width, pixels.height);
  image.data.set(pixels.data);
  contextOf(canvas).putImageData(image, 0, 0);
  return { canvas, levels: null, pixels };
}

/**
 * @param {HTMLElement} root holds what `pad.html` has
 * @param {Pad} pad
 * @param {import('./reader.js').Reader} reader
 * @param {(sentence: string) => void} say
 */
export function mountImports(root, pad, reader, say) {
  const row = find(root, '.pad-examples', HTMLElement);
  const input = find(root, '.pad-upload input', HTMLInputElement);
  row.append(...EXAMPLES.map((example) => exampleButton(example, pad)));

  /** @param {Blob} file */
  async function importFile(file) {
    say(DECODING);
    try {
      const pixels = await reader.decode(file);
      if (pixels) putSheet(pad, photographSheet(pixels)); // else something else has been put on the pad meanwhile
      return true;
    } catch (error) {
      pad.clearPicture(); // its answer would stand beside the sentence about another file
      say(error instanceof PixelsHidden ? HIDDEN : unreadable(file));
      return false;
    }
  }
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) importFile(file);
    input.value = ''; // the same file may be chosen again
  });
  const inView = () => row.clientWidth > 0;
  listenToDrops(inView, importFile, say);
  document.addEventListener('paste', (event) => {
    const file = event.clipboardData?.files[0];
    if (!file || !inView()) return;
    event.preventDefault();
    importFile(file);
  });
}

/**
 * What is dropped anywhere on the page goes to the pad: a browser would leave the page to show a file, and the drawing would be gone.
 * @param {() => boolean} inView whether the pad is; where it is not, the pointer says that nothing can be dropped
 * @param {(file: Blob) => Promise<boolean>} importFile returns whether it was a picture
 * @param {(sentence: string) => void} say
 */
function listenToDrops(inView, importFile, say) {
  document.addEventListener('dragover', (event) => {
    if (takesText(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = inView() ? 'copy' : 'none';
  });
  document.addEventListener('drop', async (event) => {
    if (takesText(event)) return;
    event.preventDefault();
    if (!event.dataTransfer || !inView()) return;
    const { file, sentence } = whatWasDropped(event.dataTransfer);
    if (file && !(await importFile(await file))) return;
    if (sentence) say(sentence);
  });
}

/** What to do with a file that the browser cannot show. @param {Blob & {name?: string}} file */
function unreadable({ name = '', type }) {
  if (!/hei[cf]/i.test(type) && !/\.hei[cf]$/i.test(name)) return 'This file cannot be read as a picture. Choose a PNG, JPEG or WebP.';
  return 'This is a HEIC photo, which this browser cannot open. Send it to yourself as JPEG, or set the camera to “Most Compatible”.';
}

/** @param {Event} event over something that text can be dropped into */
const takesText = ({ target }) => target instanceof Element && target.matches('input, textarea, [contenteditable]');

/**
 * What can be read of it, and what to say about the rest. Only readable while the event lasts.
 * @param {DataTransfer} data
 * @returns {{file?: Blob | Promise<Blob>, sentence?: string}}
 */
function whatWasDropped(data) {
  const [first] = data.items;
  if (first?.webkitGetAsEntry?.()?.isDirectory) return { sentence: 'This is a folder. Open it and drop one of its pictures.' };
  const pictures = [...data.files].filter(({ type }) => type.startsWith('image/'));
  if (data.files.length) {
    const rest = data.files.length > 1 ? 'This is the first of the pictures that you dropped: one fits on the pad.' : undefined;
    return { file: pictures[0] ?? data.files[0], sentence: rest };
  }
  const source = new DOMParser().parseFromString(data.getData('text/html'), 'text/html').querySelector('img')?.src ?? '';
  if (source.startsWith('data:image/')) return { file: fetch(source).then((answer) => answer.blob()) };
  if (source || /\.(?:png|jpe?g|webp|gif|avif|bmp)\b/i.test(data.getData('text/uri-list'))) {
    return { sentence: 'A picture of another website can only be read from there. Save it and drop the file, or copy it and paste it here.' };
  }
  return { sentence: 'There is no picture in what you dropped. Drop a PNG, JPEG or WebP of handwritten digits.' };
}

/** An example as it is drawn. @param {EXAMPLES[number]} example @returns {import('./strokes.js').Stroke[]} */
export function exampleStrokes({ brush, strokes }) {
  const onPad = strokes.map((stroke) => stroke.map(([x, y]) => ({ x: x / EXAMPLE_UNIT, y: y / EXAMPLE_UNIT })));
  return onPad.map((points) => ({ points: densified(points, EXAMPLE_STEP), width: brush }));
}

/** @param {EXAMPLES[number]} example @param {Pad} pad */
function exampleButton({ name, brush, strokes }, pad) {
  const button = makeButton();
  button.setAttribute('aria-label', `Example: ${name}`);
  button.title = name;
  const lines = strokes.map((stroke) => `M${stroke.map((point) => point.join(' ')).join('L')}`);
  button.innerHTML = `<svg viewBox="0 0 ${EXAMPLE_UNIT} ${EXAMPLE_UNIT}" aria-hidden="true"><path d="${lines.join('')}"/></svg>`;
  const written = exampleStrokes({ name, brush, strokes });
  button.addEventListener('click', () => {
    pad.canvas.scrollIntoView({ block: 'nearest' }); // on a phone the examples are below the first screen
    pad.write(written);
  });
  return button;
}
