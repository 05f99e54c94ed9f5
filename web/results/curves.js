/**
 * Learning curves: one line per iteration, the range of its seeds shaded.
 * In:  the series of every quantity, and radios that choose one.
 * Out: an SVG as wide as its place; the values of the epoch under pointer, finger or keys stand in the legend.
 */

import { find, make, makeSvg } from '../pad/dom.js';

/** @typedef {[number, number, number][]} Series  mean, lowest and highest over the seeds, one entry per epoch */
/** @typedef {{title: string, line: number, seeds: number, values: Record<string, Series>}} Curve */

const HEIGHT = 320;
const MARGIN = { top: 10, right: 8, bottom: 26, left: 52 };
/** Room above and below the curves, in powers of ten. */
const HEADROOM = 0.03;
/** Accuracy is drawn as the logarithm of the error rate, down to this error rate in percent. */
const LOWEST_ERROR = 0.01;
const ACCURACY_TICKS = [80, 90, 95, 98, 99, 99.3, 99.5, 99.6, 99.7, 99.8, 99.9];
const OTHER_TICKS = Array.from({ length: 8 }, (_, i) => 10 ** (i - 6)).flatMap((decade) => [decade, 2 * decade, 5 * decade]);
/** Epochs between two labels. */
const EPOCHS_PER_LABEL = 3;

/** @param {string} quantity @param {number} value */
const scaled = (quantity, value) =>
  quantity === 'test_accuracy' ? -Math.log10(Math.max(100 - value, LOWEST_ERROR)) : Math.log10(value);

/** @param {string} quantity @param {number} value */
const words = (quantity, value) => (quantity === 'test_accuracy' ? `${value.toFixed(2)} %` : value.toPrecision(3));

export class Curves {
  #root;
  #curves;
  #epochs;
  #plot;
  #legend;
  #heading;
  /** The epoch in the legend, from 0. */
  #epoch;
  #width = 0;
  #quantity = '';

  /** @param {HTMLElement} root holds what `page/results.py` writes @param {Curve[]} curves */
  constructor(root, curves) {
    this.#root = root;
    this.#curves = curves;
    this.#plot = find(root, '.curves-plot', HTMLElement);
    this.#legend = find(root, '.curves-legend', HTMLElement);
    this.#heading = find(root, '.curves-epoch', HTMLElement);
    this.#epochs = Math.max(0, ...curves.map(({ values }) => values.lr.length));
    this.#epoch = this.#epochs - 1;
    find(root, '.loading', HTMLElement).remove();
    if (this.#epochs === 0) return;
    root.addEventListener('change', () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(this.#plot);
  }

  #draw() {
    const width = this.#plot.clientWidth;
    const chosen = find(this.#root, 'input:checked', HTMLInputElement);
    // a tab that is not open costs nothing
    if (width === 0 || (width === this.#width && chosen.value === this.#quantity)) return;
    [this.#width, this.#quantity] = [width, chosen.value];
    const image = makeSvg('svg', {
      viewBox: `0 0 ${width} ${HEIGHT}`, height: HEIGHT, tabindex: 0, role: 'slider', 'aria-valuemin': 1, 'aria-valuemax': this.#epochs,
      'aria-label': `${chosen.parentElement?.textContent} after each epoch; arrow keys choose the epoch`,
    });
    const all = this.#curves.flatMap(({ values }) => values[this.#quantity].flat().map((value) => scaled(this.#quantity, value)));
    const [low, high] = [Math.min(...all) - HEADROOM, Math.max(...all) + HEADROOM];
    const y = (/** @type {number} */ value) =>
      MARGIN.top + ((high - scaled(this.#quantity, value)) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
    image.append(
      ...this.#ticks(low, high).flatMap((value) => this.#tick(value, y(value))),
      ...this.#epochLabels(),
      ...this.#curves.flatMap((curve) => this.#lines(curve, y)),
      makeSvg('line', { class: 'cursor', y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }),
    );
    this.#listen(image);
    this.#plot.replaceChildren(image);
    this.#show(this.#epoch);
  }

  /** @param {number} epoch from 0 */
  #x(epoch) {
    return MARGIN.left + (epoch / Math.max(1, this.#epochs - 1)) * (this.#width - MARGIN.left - MARGIN.right);
  }

  /** @param {number} low @param {number} high both scaled */
  #ticks(low, high) {
    const ticks = this.#quantity === 'test_accuracy' ? ACCURACY_TICKS : OTHER_TICKS;
    return ticks.filter((value) => scaled(this.#quantity, value) >= low && scaled(this.#quantity, value) <= high);
  }

  /** @param {number} value @param {number} y */
  #tick(value, y) {
    const text = this.#quantity === 'test_accuracy' ? `${value} %` : String(value);
    return [
      makeSvg('line', { class: 'grid', x1: MARGIN.left, x2: this.#width - MARGIN.right, y1: y, y2: y }),
      makeSvg('text', { x: MARGIN.left - 8, y: y + 4, 'text-anchor': 'end' }, text),
    ];
  }

  #epochLabels() {
    const labels = [];
    for (let epoch = 0; epoch < this.#epochs; epoch += EPOCHS_PER_LABEL) {
      labels.push(makeSvg('text', { x: this.#x(epoch), y: HEIGHT - 6, 'text-anchor': 'middle' }, String(epoch + 1)));
    }
    return labels;
  }

  /** @param {Curve} curve @param {(value: number) => number} y */
  #lines({ line, values }, y) {
    const series = values[this.#quantity];
    const along = (/** @type {number} */ which) => series.map((each, epoch) => `${this.#x(epoch)},${y(each[which])}`);
    return [
      makeSvg('polygon', { class: `band line-${line}`, points: [...along(2), ...along(1).reverse()].join(' ') }),
      makeSvg('polyline', { class: `curve line-${line}`, points: along(0).join(' ') }),
    ];
  }

  /** @param {SVGElement} image */
  #listen(image) {
    const point = (/** @type {PointerEvent} */ event) => {
      const left = event.clientX - image.getBoundingClientRect().left - MARGIN.left;
      this.#show(Math.round((left / (this.#width - MARGIN.left - MARGIN.right)) * (this.#epochs - 1)));
    };
    image.addEventListener('pointermove', point);
    image.addEventListener('pointerdown', point);
    image.addEventListener('keydown', (event) => {
      const at = this.#epoch;
      /** @type {Record<string, number>} */
      const goals = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: 0, End: this.#epochs - 1 };
      if (!(event.key in goals)) return;
      event.preventDefault();
      this.#show(goals[event.key]);
    });
  }

  /** Move the cursor and fill the legend. @param {number} epoch from 0, may lie outside */
  #show(epoch) {
    this.#epoch = Math.min(Math.max(epoch, 0), this.#epochs - 1);
    const image = find(this.#plot, 'svg', SVGElement);
    const cursor = find(image, '.cursor', SVGElement);
    cursor.setAttribute('x1', String(this.#x(this.#epoch)));
    cursor.setAttribute('x2', String(this.#x(this.#epoch)));
    this.#heading.textContent = `After epoch ${this.#epoch + 1}`;
    const entries = this.#curves.filter(({ values }) => this.#epoch < values.lr.length).map((curve) => this.#entry(curve));
    this.#legend.replaceChildren(...entries.map(({ item }) => item));
    image.setAttribute('aria-valuenow', String(this.#epoch + 1));
    image.setAttribute('aria-valuetext', `Epoch ${this.#epoch + 1}: ${entries.map(({ spoken }) => spoken).join(', ')}`);
  }

  /** @param {Curve} curve */
  #entry({ title, line, seeds, values }) {
    const [middle, low, high] = values[this.#quantity][this.#epoch].map((value) => words(this.#quantity, value));
    const item = make('li', '', `line-${line}`);
    const range = low === high ? `the same for all ${seeds} seeds` : `${low} to ${high}, ${seeds} seeds`;
    item.append(make('b', title), make('strong', middle), make('span', seeds === 1 ? 'one seed' : range));
    return { item, spoken: `${title} ${middle}` };
  }
}
