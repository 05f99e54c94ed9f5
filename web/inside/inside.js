/**
 * The inside of an answer: how the drawing came to the network, why it answers so, and what every layer makes of it.
 * In:  the readings of `demo.js`.
 * Out: the three parts of `inside.html`, only while they are in view: a tab that is not open costs nothing.
 */

import { onReading } from '../pad/demo.js';
import { mountLayers } from './layers.js';
import { mountSteps } from './steps.js';
import { mountWhy } from './why.js';

/** @param {HTMLElement} root holds what `inside.html` has */
export function mountInside(root) {
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (root.querySelector(selector));
  const parts = [mountSteps(part('.steps')), mountWhy(part('.why')), mountLayers(part('.layers-part'))];
  /** @type {import('../pad/demo.js').Reading | null} */
  let reading = null;
  let stale = false;
  let inView = false;

  function render() {
    if (!stale || !reading || !inView) return;
    stale = false;
    root.classList.toggle('inside-empty', reading.digit === null);
    for (const show of parts) show(reading);
  }

  onReading((next) => {
    reading = next;
    stale = true;
    render();
  });
  new IntersectionObserver(
    (entries) => {
      inView = entries[entries.length - 1].isIntersecting;
      render();
    },
    { rootMargin: '300px' },
  ).observe(root);
  new MutationObserver(() => {
    stale = true; // the theme's colours are in the maps
    render();
  }).observe(document.body, { attributeFilter: ['class'] });
}
