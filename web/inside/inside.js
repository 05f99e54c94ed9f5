/**
 * The tab *Inside*: how the drawing is prepared for the network, why the network answers as it does, and the output of every layer.
 * In:  the readings of `demo.js`.
 * Out: the three parts of `inside.html`, only while they are in view: a tab that is not open costs nothing.
 */

import { onReading } from '../pad/demo.js';
import { find } from '../pad/dom.js';
import { Layers } from './layers.js';
import { Steps } from './steps.js';
import { Why } from './why.js';

/** How far below the screen the parts are already drawn. */
const AHEAD = '300px';

/** @param {HTMLElement} root holds what `inside.html` has */
export function mountInside(root) {
  const steps = new Steps(find(root, '.steps', HTMLElement));
  const why = new Why(find(root, '.why', HTMLElement));
  const layers = new Layers(find(root, '.layers-part', HTMLElement));
  /** @type {import('../pad/demo.js').Reading | null} */
  let reading = null;
  let stale = false;
  let inView = false;

  function render() {
    if (!stale || !reading || !inView) return;
    stale = false;
    const { digit } = reading;
    root.classList.toggle('inside-empty', digit === null);
    steps.show(digit && { ...reading, digit });
    if (!digit) return;
    why.show({ ...reading, digit });
    layers.show({ ...reading, digit });
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
    { rootMargin: AHEAD },
  ).observe(root);
  new MutationObserver(() => {
    stale = true; // the theme's colours are in the maps
    render();
  }).observe(document.body, { attributeFilter: ['class'] });
}
