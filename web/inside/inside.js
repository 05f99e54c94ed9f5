/**
 * The tab *Inside*: a strip to draw in and to watch, how the drawing is prepared, what each stage of the network finds in it, how
 * scores come of that, and which ink they are due to.
 * In:  the readings of `demo.js`; an example while the pad is empty.
 * Out: the parts of `inside.html`, each once when the tab is opened, then only while it is in view: a tab that is not open costs nothing.
 */

import { onReading } from '../pad/demo.js';
import { find } from '../pad/dom.js';
import { forgetTheme } from './colours.js';
import { exampleOf } from './example.js';
import { alike } from './maps.js';
import { Part } from './part.js';
import { Rival } from './rival.js';
import { Scores } from './scores.js';
import { Stages } from './stages.js';
import { Steps } from './steps.js';
import { Strip } from './strip.js';
import { Tools } from './tools.js';
import { Tour } from './tour.js';
import { Why } from './why.js';

/**
 * @typedef {Omit<import('../pad/demo.js').Reading, 'digit'> & {digit: import('../pad/read.js').Digit, example: boolean}} Answered
 *   example: the pad is empty, and this is not the visitor's drawing
 */

/** @param {HTMLElement} root holds what `inside.html` has */
export function mountInside(root) {
  const rival = new Rival();
  const strip = new Strip(find(root, '.strip', HTMLElement));
  const tools = new Tools(root);
  const stages = new Stages(find(root, '.stages', HTMLElement));
  const steps = new Steps(find(root, '.steps', HTMLElement));
  const scores = new Scores(find(root, '.scores', HTMLElement), rival);
  const why = new Why(find(root, '.why', HTMLElement), rival);
  const tour = new Tour(root, stages);
  const parts = [
    new Part(strip.root, (reading) => strip.show(reading), { live: true }),
    new Part(root, (reading) => tools.show(reading)), // words, which a screen reader says wherever the page is scrolled to
    new Part(steps.root, (reading) => steps.show(reading)),
    new Part(scores.root, (reading) => scores.show(reading), { live: true }),
    new Part(why.root, (reading, occasion) => why.show(reading, occasion)),
  ];
  /** @type {Part[]} */
  let stageParts = [];
  /** @type {import('../engine/cnn.js').Description | null} of the network whose stages are shown */
  let shown = null;

  onReading((reading) => {
    root.classList.remove('inside-empty');
    rival.follow(reading);
    const { digit } = reading;
    const answered = digit ? { ...reading, digit, example: false } : exampleOf(reading);
    if (!alike(answered.network.description, shown)) {
      shown = answered.network.description;
      for (const part of stageParts) part.end();
      stageParts = stages.mount(shown);
    }
    tour.follow(answered);
    for (const part of [...parts, ...stageParts]) part.offer(answered);
  });
  new MutationObserver(() => {
    forgetTheme(); // the theme's colours are in the maps
    for (const part of [...parts, ...stageParts]) part.refresh();
  }).observe(document.body, { attributeFilter: ['class'] });
}
