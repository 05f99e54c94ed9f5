/**
 * The line under the answer, and the panel below the pad that it opens.
 * In:  the buttons of `answer.html`.
 * Out: one part at a time in the panel; its module is loaded with it.
 */

import { sentenceOf } from '../pad/data.js';
import { find, make } from '../pad/dom.js';

/** @type {Record<string, () => Promise<{mount: (panel: HTMLElement) => void | Promise<void>, resume?: () => Promise<void>}>>} by class of its button */
const PARTS = {
  'play-teach': () => import('./teach.js'),
  'play-versions': () => import('./versions.js'),
};

/** What a visitor has taught has this name in local storage. */
export const HAND_KEY = 'hand';

/** What was taught at an earlier visit is used again. */
function resume() {
  try {
    if (localStorage.getItem(HAND_KEY)) PARTS['play-teach']().then((teach) => teach.resume?.()).catch(console.error);
  } catch {
    // a browser that keeps nothing
  }
}

/** @param {HTMLElement} root holds what `draw_html` gives */
export function mountLine(root) {
  resume();
  const panel = find(root, '.play-panel', HTMLElement);
  /** @type {Map<string, HTMLElement>} parts that have been opened, which stay as they are */
  const bodies = new Map();
  for (const name of Object.keys(PARTS)) {
    const button = find(root, `.${name}`, HTMLButtonElement);
    button.addEventListener('click', async () => {
      const opens = button.getAttribute('aria-expanded') === 'false';
      for (const each of Object.keys(PARTS)) {
        find(root, `.${each}`, HTMLElement).setAttribute('aria-expanded', String(opens && each === name));
      }
      panel.hidden = !opens;
      if (!opens) return;
      const body = bodies.get(name) ?? make('div', '', 'play-body');
      panel.replaceChildren(body);
      if (bodies.has(name)) return;
      bodies.set(name, body);
      try {
        await (await PARTS[name]()).mount(body);
      } catch (error) {
        bodies.delete(name); // so that it can be opened again
        body.replaceChildren(make('p', sentenceOf(error)));
      }
    });
  }
}
