/** Watch it learn. */

import { make } from '../pad/dom.js';

/** @param {HTMLElement} body */
export function mount(body) {
  body.append(make('p', 'Not built yet.'));
}
