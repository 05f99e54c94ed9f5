/**
 * What is on the page stands in the fragment of its address: it can be sent, it survives a reload, and Back goes back.
 * In:  the drawing, the tab, the selected digit and the chosen cell, whenever one of them changes.
 * Out: the address, and that of the Hub's page around a Space; what a link holds, when it is opened.
 */

import { decodeFragment, encodeFragment } from './fragment.js';
import { FIRST_TAB, onTab, openTab } from './tabs.js';

/** @typedef {import('./fragment.js').Shared} Shared */

/** Where Spaces are shown in a frame, whose address follows a message: https://huggingface.co/docs/hub/spaces-handle-url-parameters */
const HUB = 'https://huggingface.co';
/** Changes are written at most this often, in milliseconds: browsers refuse more than a hundred in thirty seconds. */
const PAUSE = 400;

/** @type {Shared} */
let now = decodeFragment(location.hash.slice(1));
/** Whether a picture is on the pad, which no link holds. */
let picture = false;
let timer = 0;
/** @type {((cell: string) => void)[]} */
const cellListeners = [];

/** Call `listener` with the cell of every link that is opened, and at once with that of this one. @param {(cell: string) => void} listener */
export function onSharedCell(listener) {
  cellListeners.push(listener);
  if (now.cell) listener(now.cell);
}

/** Keep a part of what the page shows in its address. @param {Partial<Shared>} part @param {boolean} [holdsPicture] with `draw` */
export function keep(part, holdsPicture = picture) {
  now = { ...now, ...part };
  picture = holdsPicture;
  clearTimeout(timer);
  timer = window.setTimeout(write, PAUSE);
}

/**
 * The address of what the page shows; a visitor's own parameters, which may be secret, are left out.
 * @param {Partial<Shared>} [part] another drawing, for example, than the one it keeps
 */
export function link(part = {}) {
  return `${location.origin}${location.pathname}${hash({ ...now, ...part })}`;
}

/**
 * Restore what the address holds, now and whenever it changes.
 * @param {(shared: Shared) => void} restore
 */
export function mountAddress(restore) {
  onTab((tab) => {
    const next = tab === FIRST_TAB ? '' : tab;
    if (next === now.tab) return;
    write();
    now = { ...now, tab: next };
    write('pushState');
  });
  window.addEventListener('popstate', ({ state }) => {
    now = decodeFragment(location.hash.slice(1));
    openTab(now.tab || FIRST_TAB);
    if (!state?.picture) restore(now); // a picture stays until something takes its place
    for (const listener of cellListeners) listener(now.cell);
  });
  restore(now);
  if (now.tab) openTab(now.tab);
}

const hash = (/** @type {Shared} */ shared = now) => {
  const fragment = encodeFragment(shared);
  return fragment && `#${fragment}`;
};

/** @param {'replaceState' | 'pushState'} [method] */
function write(method = 'replaceState') {
  clearTimeout(timer);
  const written = hash() === location.hash && (history.state?.picture ?? false) === picture;
  if (method === 'replaceState' && written) return; // a browser may drop a visitor's new address while a page writes the old one
  try {
    history[method]({ ...history.state, picture }, '', hash() || location.pathname + location.search);
  } catch {
    return; // a browser that refuses for a while, or a page without an address of its own
  }
  if (window.parent !== window && document.referrer.startsWith(`${HUB}/`)) window.parent.postMessage({ hash: hash() }, HUB);
}
