/**
 * The tabs of the page. The static page has none: there the parts stand below each other.
 * In:  names of tabs: the `id` of each in `app.py`, because browsers translate what is written on them.
 * Out: the tab is opened; a call when a visitor opens one.
 */

/** The tab that the page opens with. */
export const FIRST_TAB = 'draw';

/** Gradio has each button twice, once to measure it. */
const tabButtons = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#tabs [role=tab]')]);

/** @param {HTMLElement} button */
const nameOf = (button) => button.dataset.tabId ?? '';

/** @param {string} name */
export function openTab(name) {
  const buttons = tabButtons();
  const tab = buttons.find((button) => nameOf(button) === name && button.offsetParent !== null);
  if (tab) {
    if (tab.getAttribute('aria-selected') !== 'true') tab.click();
  } else if (buttons.length === 0) {
    document.querySelector(name === FIRST_TAB ? '.draw' : `.${name}`)?.scrollIntoView();
  }
}

/** @param {(name: string) => void} listener called with the tab that a click or a key opens */
export function onTab(listener) {
  document.addEventListener('click', (event) => {
    const tab = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest?.('#tabs [role=tab]'));
    if (tab) listener(nameOf(tab));
  });
}
