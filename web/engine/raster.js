/**
 * Grey pictures, as `mnist_cnn/grey.py` has them: the brightness of what a file or a canvas holds, and another size for it.
 * Numbers are rounded to 32 bits where Python's are.
 */

/** @typedef {{data: ArrayLike<number>, width: number, height: number}} Picture  RGBA, as `getImageData` gives it */
/** @typedef {{data: Float32Array, width: number, height: number}} Grey */

const LUMA = [0.299, 0.587, 0.114];
export const MIN_CONTRAST = 24;

/** Python's round: halves go to the even neighbour. @param {number} value */
export function round(value) {
  const below = Math.floor(value);
  const part = value - below;
  if (part !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** Largest value, at least `least`. @param {Float32Array} data @param {number} [least] */
export function max(data, least = 0) {
  return data.reduce((most, value) => Math.max(most, value), least);
}

/** Transparent pixels are laid over white, or over black where white would hide all ink. @param {Picture} picture @returns {Grey} */
export function brightness({ data, width, height }) {
  const count = width * height;
  const onBlack = new Float32Array(count);
  const onWhite = new Float32Array(count);
  let [lowest, highest, clearest, densest] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < count; i += 1) {
    const [red, green, blue] = [data[4 * i], data[4 * i + 1], data[4 * i + 2]];
    const alpha = Math.fround(data[4 * i + 3] / 255);
    // weights add up to 1: equal colours are their own brightness, free of rounding
    const grey = red === green && green === blue ? red : Math.fround(LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue);
    onBlack[i] = grey * alpha;
    onWhite[i] = onBlack[i] + Math.fround(255 * Math.fround(1 - alpha));
    lowest = Math.min(lowest, onWhite[i]);
    highest = Math.max(highest, onWhite[i]);
    clearest = Math.min(clearest, alpha);
    densest = Math.max(densest, alpha);
  }
  const hidden = highest - lowest < MIN_CONTRAST && 255 * (densest - clearest) >= MIN_CONTRAST;
  return { data: hidden ? onBlack : onWhite, width, height };
}

/** What most of the border shows. @param {Grey} grey */
export function groundLevel({ data, width, height }) {
  const border = [];
  for (let x = 0; x < width; x += 1) border.push(data[x], data[(height - 1) * width + x]);
  for (let y = 0; y < height; y += 1) border.push(data[y * width], data[y * width + width - 1]);
  border.sort((a, b) => a - b);
  const half = border.length / 2;
  return Math.fround((border[Math.floor(half - 0.5)] + border[Math.floor(half)]) / 2);
}

/** Pillow's BOX filter: the mean of the pixels whose centres fall on the new pixel. @param {Grey} box @param {number} longest */
export function resize({ data, width, height }, longest) {
  const scale = longest / Math.max(width, height);
  const newWidth = Math.max(1, round(width * scale));
  const newHeight = Math.max(1, round(height * scale));
  const across = new Float32Array(newWidth * height);
  for (let x = 0; x < newWidth; x += 1) {
    const [first, last] = taps(x, width, newWidth);
    for (let y = 0; y < height; y += 1) {
      let sum = 0;
      for (let i = first; i < last; i += 1) sum += data[y * width + i] * (1 / (last - first));
      across[y * newWidth + x] = sum;
    }
  }
  const result = { data: new Float32Array(newWidth * newHeight), width: newWidth, height: newHeight };
  for (let y = 0; y < newHeight; y += 1) {
    const [first, last] = taps(y, height, newHeight);
    for (let x = 0; x < newWidth; x += 1) {
      let sum = 0;
      for (let i = first; i < last; i += 1) sum += across[i * newWidth + x] * (1 / (last - first));
      result.data[y * newWidth + x] = sum;
    }
  }
  return result;
}

/** First old pixel and the one after the last of a new pixel. @param {number} at @param {number} before @param {number} after */
function taps(at, before, after) {
  const scale = before / after;
  const support = 0.5 * Math.max(scale, 1);
  const centre = (at + 0.5) * scale;
  let first = Math.max(0, Math.trunc(centre - support + 0.5));
  let last = Math.min(before, Math.trunc(centre + support + 0.5));
  // the filter is open at its left end and closed at its right
  const inside = (/** @type {number} */ i) => {
    const offset = (i - centre + 0.5) / Math.max(scale, 1);
    return offset > -0.5 && offset <= 0.5;
  };
  while (first < last - 1 && !inside(first)) first += 1;
  while (last > first + 1 && !inside(last - 1)) last -= 1;
  return [first, last];
}
