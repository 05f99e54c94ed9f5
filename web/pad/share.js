/**
 * *Share*: the drawing as a link and as a picture; or another card of the page, with its link.
 * In:  the dialog of `share.html`; what is on the pad when its button is pressed.
 * Out: the system's share sheet on phones; elsewhere the link in the clipboard, and the picture to save.
 */

import { HEIGHT, WIDTH, paintCard } from './card.js';
import { find } from './dom.js';
import { png } from './png.js';
import { holdsPicture } from './strokes.js';
import { signsOf } from './words.js';

/** @typedef {import('./card.js').Colour} Colour */
/** @typedef {import('./card.js').Palette} Palette */
/** @typedef {import('./read.js').Digit} Digit */
/** @typedef {import('./strokes.js').Stroke} Stroke */
/** @typedef {{strokes: Stroke[], digits: Digit[], selected: number, link: string}} Shown */
/** @typedef {{picture: Blob, alt: string, link: string, note: string}} Card  alt: the picture in words; note: a sentence about the link, or nothing */

const PICTURE_STAYS = 'The link opens the page without the picture: links hold pen strokes only, and pictures stay on your device.';

/**
 * @param {HTMLElement} root holds what `pad.html` and `share.html` have
 * @param {() => Shown} look what is on the page now
 */
export function mountShare(root, look) {
  const dialog = new ShareDialog(find(root, '.share', HTMLDialogElement));
  find(root, '.pad-share', HTMLButtonElement).addEventListener('click', async () => {
    const { strokes, digits, selected, link } = look();
    const picture = await pictureOf(paintCard({ strokes, digits, selected, palette: paletteOf(root) }));
    const alt = `The drawing, what the network sees, and its answer: ${signsOf(digits).join('')}`;
    await dialog.open({ picture, alt, link, note: holdsPicture(strokes) ? PICTURE_STAYS : '' });
  });
}

export class ShareDialog {
  #dialog;
  #done;
  #field;
  #card;
  #save;

  /** @param {HTMLDialogElement} dialog that of `share.html` */
  constructor(dialog) {
    this.#dialog = dialog;
    this.#done = find(dialog, '.share-done', HTMLElement);
    this.#field = find(dialog, 'input', HTMLInputElement);
    this.#card = find(dialog, '.share-card', HTMLImageElement);
    this.#save = find(dialog, '.share-save', HTMLAnchorElement);
    find(dialog, '.share-copy', HTMLButtonElement).addEventListener('click', () => this.#copy());
    find(dialog, '.share-close', HTMLButtonElement).addEventListener('click', () => dialog.close());
    this.#field.addEventListener('focus', () => this.#field.select());
    dialog.addEventListener('keydown', (event) => event.stopPropagation()); // Escape closes it, and does not clear the pad
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) dialog.close(); // beside its content
    });
  }

  /** @param {Card} card */
  async open(card) {
    if (await shareOnPhone(card)) return;
    URL.revokeObjectURL(this.#card.src);
    this.#card.src = this.#save.href = URL.createObjectURL(card.picture);
    this.#card.alt = card.alt;
    this.#field.value = card.link;
    this.#dialog.showModal();
    await this.#copy();
    if (card.note) this.#done.textContent += ` ${card.note}`;
  }

  async #copy() {
    this.#done.textContent = await navigator.clipboard?.writeText(this.#field.value).then(
      () => 'The link has been copied.',
      () => 'Copy the link from the field below.', // not allowed here, or not in this browser
    ) ?? 'Copy the link from the field below.';
  }
}

/** The page's colours at an element. @param {HTMLElement} element @returns {Palette} */
export function paletteOf(element) {
  const style = getComputedStyle(element);
  const colour = (/** @type {string} */ name) => colourOf(style.getPropertyValue(`--${name}`));
  return { ground: colour('ground'), paper: colour('paper'), ink: colour('ink'), quiet: colour('quiet'), accent: colour('accent') };
}

/** A painted card as a file. @param {Uint8Array} rgb */
export const pictureOf = (rgb) => png(rgb, WIDTH, HEIGHT);

/** @param {string} hex as `page.css` has it, #rrggbb @returns {Colour} */
function colourOf(hex) {
  const value = parseInt(hex.trim().slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** The system's share sheet, where there is one and a finger is the pointer. @param {Card} card @returns {Promise<boolean>} whether it was shown */
async function shareOnPhone({ picture, link, note }) {
  if (!navigator.share || !matchMedia('(pointer: coarse)').matches) return false;
  const files = [new File([picture], 'digit.png', { type: picture.type })];
  const data = { title: document.title, text: note, url: link };
  try {
    await navigator.share(navigator.canShare?.({ ...data, files }) ? { ...data, files } : data);
  } catch (error) {
    return error instanceof Error && error.name === 'AbortError'; // closed by the visitor; anything else gets the dialog
  }
  return true;
}
