/**
 * The accuracy on the test digits, moment by moment.
 * In:  accuracies in percent; the moment that is shown.
 * Out: an SVG with a marker; the moment that is pointed at.
 */

import { makeSvg } from '../pad/dom.js';

const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [230, 52, 14, 12, 24];
const TICKS = [10, 50, 90, 99, 99.5];
/** The least and the most that the axis shows, in percent. */
const [LOW, HIGH] = [5, 99.7];
/** Errors are drawn as powers of ten, else all epochs would look alike. @param {number} accuracy */
const stretched = (accuracy) => -Math.log10(100 - Math.min(HIGH, Math.max(LOW, accuracy)));

export class Curve {
  /** Set when its moments are. @type {number[]} */
  #accuracies = [];
  /** @type {(number | null)[]} */
  #printed = [];
  /** @type {string[]} */
  #marks = [];
  #at = 0;
  #width = 0;

  /** @param {(moment: number) => void} onPoint */
  constructor(onPoint) {
    this.image = makeSvg('svg', { class: 'learn-curve', height: HEIGHT, 'aria-hidden': 'true' });
    this.image.addEventListener('pointerdown', (event) => {
      const left = event.clientX - this.image.getBoundingClientRect().left;
      const share = (left - LEFT) / (this.#width - LEFT - RIGHT);
      onPoint(Math.min(this.#accuracies.length - 1, Math.max(0, Math.round(share * (this.#accuracies.length - 1)))));
    });
    new ResizeObserver(() => this.#draw()).observe(this.image);
  }

  /** @param {number[]} accuracies @param {(number | null)[]} printed what another source says at the same moments @param {string[]} marks below the axis, '' for none */
  set(accuracies, printed, marks) {
    [this.#accuracies, this.#printed, this.#marks, this.#width] = [accuracies, printed, marks, 0];
    this.#draw();
  }

  /** @param {number} moment */
  show(moment) {
    this.#at = moment;
    const marker = this.image.querySelector('.learn-marker');
    marker?.setAttribute('cx', String(this.#x(moment)));
    marker?.setAttribute('cy', String(this.#y(this.#accuracies[moment])));
    for (const end of ['x1', 'x2']) this.image.querySelector('.learn-now')?.setAttribute(end, String(this.#x(moment)));
  }

  /** @param {number} moment */
  #x(moment) {
    return LEFT + (moment / Math.max(1, this.#accuracies.length - 1)) * (this.#width - LEFT - RIGHT);
  }

  /** @param {number} accuracy */
  #y(accuracy) {
    const share = (stretched(accuracy) - stretched(LOW)) / (stretched(HIGH) - stretched(LOW));
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  }

  #draw() {
    const width = this.image.clientWidth;
    if (width === 0 || width === this.#width || !this.#accuracies.length) return;
    this.#width = width;
    this.image.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
    const grid = TICKS.flatMap((tick) => [
      makeSvg('line', { class: 'learn-grid', x1: LEFT, x2: width - RIGHT, y1: this.#y(tick), y2: this.#y(tick) }),
      makeSvg('text', { x: LEFT - 8, y: this.#y(tick) + 4, 'text-anchor': 'end' }, `${tick} %`),
    ]);
    const marks = this.#marks.flatMap((mark, moment) => (mark ? [makeSvg('text', { x: this.#x(moment), y: HEIGHT - 6, 'text-anchor': 'middle' }, mark)] : []));
    const points = this.#accuracies.map((accuracy, moment) => `${this.#x(moment)},${this.#y(accuracy)}`).join(' ');
    const printed = this.#printed.flatMap((accuracy, moment) =>
      accuracy === null ? [] : [makeSvg('circle', { class: 'learn-printed', r: 4, cx: this.#x(moment), cy: this.#y(accuracy) })],
    );
    this.image.replaceChildren(
      ...grid,
      ...marks,
      makeSvg('line', { class: 'learn-now', y1: TOP, y2: HEIGHT - BOTTOM }),
      makeSvg('polyline', { class: 'learn-line', points }),
      ...printed,
      makeSvg('circle', { class: 'learn-marker', r: 7 }),
    );
    this.show(this.#at);
  }
}
