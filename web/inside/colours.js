/**
 * Numbers as colours, on the page's own scale.
 * In:  values and a canvas, whose style gives the colours of the theme.
 * Out: pixels: 0 is the paper, the largest value the accent, and as far below 0 its opposite.
 */

/** @param {string} colour #rrggbb */
const rgb = (colour) => [1, 3, 5].map((at) => parseInt(colour.trim().slice(at, at + 2), 16));

/** Largest distance from 0. @param {ArrayLike<number>} values */
export function largest(values) {
  let most = 1e-9;
  for (let i = 0; i < values.length; i += 1) most = Math.max(most, Math.abs(values[i]));
  return most;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {(share: number) => number[]} from −1…1 to red, green, blue
 */
export function scaleOf(canvas) {
  const style = getComputedStyle(canvas);
  const [paper, high, low] = ['--paper', '--accent', '--opposite'].map((name) => rgb(style.getPropertyValue(name)));
  return (share) => paper.map((level, c) => level + Math.abs(share) * ((share < 0 ? low : high)[c] - level));
}

/**
 * Square maps side by side, all on one scale.
 * @param {HTMLCanvasElement} canvas gets the size that the maps need
 * @param {ArrayLike<number>} data map by map, row by row
 * @param {number} size of a map
 * @param {number} columns
 */
export function paintMaps(canvas, data, size, columns) {
  const count = data.length / (size * size);
  const pitch = size + 1;
  const width = Math.min(columns, count) * pitch - 1;
  const height = Math.ceil(count / columns) * pitch - 1;
  const most = largest(data);
  const colour = scaleOf(canvas);
  const ground = rgb(getComputedStyle(canvas).getPropertyValue('--ground'));
  [canvas.width, canvas.height] = [width, height];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i += 1) image.data.set([...ground, 255], 4 * i);
  for (let i = 0; i < data.length; i += 1) {
    const map = Math.floor(i / (size * size));
    const x = (map % columns) * pitch + (i % size);
    const y = Math.floor(map / columns) * pitch + (Math.floor(i / size) % size);
    image.data.set([...colour(data[i] / most), 255], 4 * (y * width + x));
  }
  context.putImageData(image, 0, 0);
}

/**
 * How strongly every pixel counts, as a glow to lay over a picture.
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} strengths at least 0, square
 */
export function paintGlow(canvas, strengths) {
  const size = Math.sqrt(strengths.length);
  const most = largest(strengths);
  [canvas.width, canvas.height] = [size, size];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = context.createImageData(size, size);
  for (let i = 0; i < strengths.length; i += 1) image.data.set([255, 129, 71, 235 * Math.sqrt(strengths[i] / most)], 4 * i);
  context.putImageData(image, 0, 0);
}
