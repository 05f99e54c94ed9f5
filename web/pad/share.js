/**
 * *Share*: the drawing as a link and as a picture.
 * In:  the dialog of `share.html`; what is on the pad when its button is pressed.
 * Out: the system's share sheet on phones; elsewhere the link in the clipboard, and the picture to save.
 */

import { HEIGHT, WIDTH, paintCard } from './card.js';
import { find } from './dom.js';
import { png } from './png.js';
import { holdsPicture } from './strokes.js';
import { signsOf } from './words.js';

/** @typedef {import('./card.js').Colour} Colour */
/** @typedef {import('./read.js').Digit} Digit */
/** @typedef {import('./strokes.js').Stroke} Stroke */
/** @typedef {{strokes: Stroke[], digits: Digit[], selected: number, link: string}} Shown */

const PICTURE_STAYS = 'The link opens the page without the picture: links hold pen strokes only, and pictures stay on your device.';

/**
 * @param {HTMLElement} root holds what `pad.html` and `share.html` have
 * @param {() => Shown} look what is on the page now
 */
export function mountShare(root, look) {
  const dialog = find(root, '.share', HTMLDialogElement);
  const done = find(dialog, '.share-done', HTMLElement);
  const field = find(dialog, 'input', HTMLInputElement);
  const card = find(dialog, '.share-card', HTMLImageElement);
  const save = find(dialog, '.share-save', HTMLAnchorElement);

  async function copy() {
    done.textContent = await navigator.clipboard?.writeText(field.value).then(
      () => 'The link has been copied.',
      () => 'Copy the link from the field below.', // not allowed here, or not in this browser
    ) ?? 'Copy the link from the field below.';
  }

  find(root, '.pad-share', HTMLButtonElement).addEventListener('click', async () => {
    const shown = look();
    const picture = await cardOf(shown, root);
    if (await shareOnPhone(shown, picture)) return;
    URL.revokeObjectURL(card.src);
    card.src = save.href = URL.createObjectURL(picture);
    card.alt = `The drawing, what the network sees, and its answer: ${signsOf(shown.digits).join('')}`;
    field.value = shown.link;
    dialog.showModal();
    await copy();
    if (holdsPicture(shown.strokes)) done.textContent = `${done.textContent} ${PICTURE_STAYS}`;
  });
  find(dialog, '.share-copy', HTMLButtonElement).addEventListener('click', copy);
  find(dialog, '.share-close', HTMLButtonElement).addEventListener('click', () => dialog.close());
  field.addEventListener('focus', () => field.select());
  dialog.addEventListener('keydown', (event) => event.stopPropagation()); // Escape closes it, and does not clear the pad
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close(); // beside its content
  });
}

/** The picture, in the colours of the page. @param {Shown} shown @param {HTMLElement} root */
async function cardOf({ strokes, digits, selected }, root) {
  const style = getComputedStyle(root);
  const colour = (/** @type {string} */ name) => colourOf(style.getPropertyValue(`--${name}`));
  const palette = { ground: colour('ground'), paper: colour('paper'), ink: colour('ink'), quiet: colour('quiet'), accent: colour('accent') };
  return png(paintCard({ strokes, digits, selected, palette }), WIDTH, HEIGHT);
}

/** @param {string} hex as `page.css` has it, #rrggbb @returns {Colour} */
function colourOf(hex) {
  const value = parseInt(hex.trim().slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** The system's share sheet, where there is one and a finger is the pointer. @param {Shown} shown @param {Blob} picture @returns {Promise<boolean>} whether it was shown */
async function shareOnPhone(shown, picture) {
  if (!navigator.share || !matchMedia('(pointer: coarse)').matches) return false;
  const files = [new File([picture], 'digit.png', { type: picture.type })];
  const text = holdsPicture(shown.strokes) ? PICTURE_STAYS : '';
  const data = { title: document.title, text, url: shown.link };
  try {
    await navigator.share(navigator.canShare?.({ ...data, files }) ? { ...data, files } : data);
  } catch (error) {
    return error instanceof Error && error.name === 'AbortError'; // closed by the visitor; anything else gets the dialog
  }
  return true;
}
