/**
 * Learning curves: one line an iteration, its seeds' range shaded.
 * In:  the series of every quantity, and radios that choose one.
 * Out: an SVG as wide as its place; the values of the epoch under pointer, finger or keys stand in the legend.
 */

/** @typedef {[number, number, number][]} Series  mean, lowest and highest over the seeds, an entry an epoch */
/** @typedef {{title: string, line: number, seeds: number, values: Record<string, Series>}} Curve */

const HEIGHT = 320;
const MARGIN = { top: 10, right: 8, bottom: 26, left: 52 };
/** Right answers are drawn as the logarithm of the wrong ones, down to this share in percent. */
const FEWEST_WRONG = 0.01;
const ACCURACIES = [80, 90, 95, 98, 99, 99.3, 99.5, 99.6, 99.7, 99.8, 99.9];

/** @param {string} quantity @param {number} value */
const scaled = (quantity, value) =>
  quantity === 'test_accuracy' ? -Math.log10(Math.max(100 - value, FEWEST_WRONG)) : Math.log10(value);

/** @param {string} quantity @param {number} value */
const words = (quantity, value) => (quantity === 'test_accuracy' ? `${value.toFixed(2)} %` : value.toPrecision(3));

/** @param {string} name @param {Record<string, string | number>} attributes */
function svg(name, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** @param {string} quantity @param {number} low @param {number} high both scaled */
function ticks(quantity, low, high) {
  const decades = Array.from({ length: 8 }, (_, i) => 10 ** (i - 6));
  const all = quantity === 'test_accuracy' ? ACCURACIES : decades.flatMap((decade) => [decade, 2 * decade, 5 * decade]);
  return all.filter((value) => scaled(quantity, value) >= low && scaled(quantity, value) <= high);
}

/** @param {HTMLElement} root @param {Curve[]} curves */
export function mountCurves(root, curves) {
  /** @type {<T extends HTMLElement>(selector: string) => T} */
  const find = (selector) => /** @type {any} */ (root.querySelector(selector));
  const [plot, legend, heading] = [find('.curves-plot'), find('.curves-legend'), find('.curves-epoch')];
  const epochs = Math.max(0, ...curves.map(({ values }) => values.lr.length));
  let at = epochs - 1;
  let [drawnWidth, drawnQuantity] = [0, ''];
  find('.loading').remove();

  const quantity = () => /** @type {HTMLInputElement} */ (find('input:checked')).value;
  const x = (/** @type {number} */ epoch) =>
    MARGIN.left + (epoch / Math.max(1, epochs - 1)) * (drawnWidth - MARGIN.left - MARGIN.right);

  function draw() {
    // a tab that is not open costs nothing
    if (plot.clientWidth === 0 || (plot.clientWidth === drawnWidth && quantity() === drawnQuantity)) return;
    [drawnWidth, drawnQuantity] = [plot.clientWidth, quantity()];
    const all = curves.flatMap(({ values }) => values[drawnQuantity].flat().map((value) => scaled(drawnQuantity, value)));
    const [low, high] = [Math.min(...all) - 0.03, Math.max(...all) + 0.03];
    const y = (/** @type {number} */ value) =>
      MARGIN.top + ((high - scaled(drawnQuantity, value)) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
    const title = /** @type {HTMLElement} */ (find('input:checked').parentElement).textContent;
    const image = svg('svg', {
      viewBox: `0 0 ${drawnWidth} ${HEIGHT}`, height: HEIGHT, tabindex: 0, role: 'slider', 'aria-valuemin': 1,
      'aria-valuemax': epochs, 'aria-label': `${title} after an epoch; arrow keys choose it`,
    });
    for (const value of ticks(drawnQuantity, low, high)) {
      const label = svg('text', { x: MARGIN.left - 8, y: y(value) + 4, 'text-anchor': 'end' });
      label.textContent = drawnQuantity === 'test_accuracy' ? `${value} %` : String(value);
      image.append(svg('line', { class: 'grid', x1: MARGIN.left, x2: drawnWidth - MARGIN.right, y1: y(value), y2: y(value) }), label);
    }
    for (let epoch = 0; epoch < epochs; epoch += 3) {
      const label = svg('text', { x: x(epoch), y: HEIGHT - 6, 'text-anchor': 'middle' });
      label.textContent = String(epoch + 1);
      image.append(label);
    }
    for (const { line, values } of curves) {
      const series = values[drawnQuantity];
      const along = (/** @type {number} */ which) => series.map((each, epoch) => `${x(epoch)},${y(each[which])}`);
      image.append(
        svg('polygon', { class: `band line-${line}`, points: [...along(2), ...along(1).reverse()].join(' ') }),
        svg('polyline', { class: `curve line-${line}`, points: along(0).join(' ') }),
      );
    }
    image.append(svg('line', { class: 'cursor', y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }));
    const point = (/** @type {PointerEvent} */ event) => {
      const left = event.clientX - image.getBoundingClientRect().left - MARGIN.left;
      show(Math.round((left / (drawnWidth - MARGIN.left - MARGIN.right)) * (epochs - 1)));
    };
    image.addEventListener('pointermove', (event) => point(/** @type {PointerEvent} */ (event)));
    image.addEventListener('pointerdown', (event) => point(/** @type {PointerEvent} */ (event)));
    image.addEventListener('keydown', (event) => {
      /** @type {Record<string, number>} */
      const goals = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: 0, End: epochs - 1 };
      const { key } = /** @type {KeyboardEvent} */ (event);
      if (!(key in goals)) return;
      event.preventDefault();
      show(goals[key]);
    });
    plot.replaceChildren(image);
    show(at);
  }

  /** @param {number} epoch from 0 */
  function show(epoch) {
    at = Math.min(Math.max(epoch, 0), epochs - 1);
    const image = /** @type {SVGElement} */ (plot.querySelector('svg'));
    const cursor = /** @type {SVGElement} */ (image.querySelector('.cursor'));
    cursor.setAttribute('x1', String(x(at)));
    cursor.setAttribute('x2', String(x(at)));
    heading.textContent = `After epoch ${at + 1}`;
    const items = curves.filter(({ values }) => at < values.lr.length).map(({ title, line, seeds, values }) => {
      const [middle, low, high] = values[drawnQuantity][at].map((value) => words(drawnQuantity, value));
      const item = document.createElement('li');
      item.className = `line-${line}`;
      const [name, value, range] = ['b', 'strong', 'span'].map((tag) => document.createElement(tag));
      name.textContent = title;
      value.textContent = middle;
      range.textContent = low === high ? `${seeds} seeds alike` : `${low} to ${high}, ${seeds} seeds`;
      item.append(name, value, range);
      return item;
    });
    legend.replaceChildren(...items);
    image.setAttribute('aria-valuenow', String(at + 1));
    const spoken = items.map((item) => [...item.children].slice(0, 2).map((part) => part.textContent).join(' '));
    image.setAttribute('aria-valuetext', `Epoch ${at + 1}: ${spoken.join(', ')}`);
  }

  if (epochs === 0) return;
  root.addEventListener('change', draw);
  new ResizeObserver(draw).observe(plot);
}
