/**
 * Boxes on the pad.
 * In:  the digits that were read, and what is on the pad.
 * Out: a box around each of several digits, and around those of a photograph, with what the network takes it for.
 */

import { find, keepChildren, make, placeAt } from './dom.js';
import { brushMargin, grown, holdsPhotograph } from './strokes.js';
import { signsOf, stateOf } from './words.js';

/** Between a digit's ink and its box, and the height of the label above it, in fractions of the pad's side. */
const BOX_MARGIN = 0.015;
const LABEL_HEIGHT = 0.06;

/** @param {HTMLElement} root @param {import('./strokes.js').Stroke[]} strokes @param {import('./read.js').Digit[]} digits @param {number} selected */
export function showBoxes(root, strokes, digits, selected) {
  const boxed = digits.length > 1 || holdsPhotograph(strokes) ? digits : [];
  const signs = signsOf(boxed);
  keepChildren(root, boxed.length, () => {
    const mark = make('span');
    mark.append(make('b'));
    return mark;
  });
  const margin = BOX_MARGIN + brushMargin(strokes);
  boxed.forEach((digit, i) => {
    const mark = /** @type {HTMLElement} */ (root.children[i]);
    const box = grown(digit.box, margin);
    placeAt(mark, box);
    find(mark, 'b', HTMLElement).textContent = signs[i];
    mark.className = stateOf(digit);
    mark.classList.toggle('chosen', boxed.length > 1 && i === selected);
    mark.classList.toggle('at-top', box.top < LABEL_HEIGHT);
    mark.classList.toggle('clickable', holdsPhotograph(strokes)); // over strokes a pen writes on
  });
}
