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

/** Where there is no room for all, Gradio puts the last into a menu. They have no name there until they are opened. */
const MENU = '#tabs .overflow-dropdown button';

/** @param {string} name */
export function openTab(name) {
  const buttons = tabButtons();
  const inMenu = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(MENU)]);
  const tab = buttons.find((button) => nameOf(button) === name && button.offsetParent !== null)
    ?? inMenu.find((button) => button.textContent?.trim().toLowerCase() === name);
  if (tab) {
    if (tab.getAttribute('aria-selected') !== 'true') tab.click();
  } else if (buttons.length === 0) {
    document.querySelector(name === FIRST_TAB ? '.draw' : `.${name}`)?.scrollIntoView();
  }
}

const selectedTab = () => nameOf(tabButtons().find((button) => button.getAttribute('aria-selected') === 'true') ?? document.body);

/** @param {(name: string) => void} listener called with the tab that a click or a key opens */
export function onTab(listener) {
  const tellSelected = () => {
    const name = selectedTab();
    if (name) listener(name);
    else requestAnimationFrame(tellSelected); // Gradio measures first which tabs have room
  };
  document.addEventListener('click', (event) => {
    const target = /** @type {Element} */ (event.target);
    const tab = /** @type {HTMLElement | null} */ (target.closest?.('#tabs [role=tab]'));
    if (tab) listener(nameOf(tab));
    if (target.closest?.(MENU)) requestAnimationFrame(tellSelected);
  }, true); // before Gradio takes the entry of its menu away
}
