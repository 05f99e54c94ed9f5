/**
 * The functions of numpy, Pillow and scipy.ndimage that the Python code uses, under the same names. Images are row by row.
 */

/** @typedef {Uint8Array | Int16Array | Int32Array | Uint32Array | Float32Array | Float64Array} Values */
/** @template {Values} T @typedef {{data: T, width: number, height: number}} Image */
/** @typedef {[left: number, top: number, right: number, bottom: number]} Box  right and bottom are the first ones beyond */

/** To the nearest integer; halves go to the even neighbour. @param {number} value */
export function round(value) {
  const below = Math.floor(value);
  const part = value - below;
  if (part !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** @param {number} value @param {number} low @param {number} high */
export function clip(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

/** The largest value, or `initial` if all are smaller. @param {Float32Array} data @param {number} [initial] */
export function max(data, initial = 0) {
  let most = initial;
  for (let i = 0; i < data.length; i += 1) if (data[i] > most) most = data[i];
  return most;
}

/** In 32 bits. @param {Float32Array} data */
export function median(data) {
  const ordered = data.slice().sort();
  const half = ordered.length / 2;
  return Math.fround((ordered[Math.floor(half - 0.5)] + ordered[Math.floor(half)]) / 2);
}

/** @param {ArrayLike<number>} data */
export function sum(data) {
  let all = 0;
  for (let i = 0; i < data.length; i += 1) all += data[i];
  return all;
}

/**
 * What `of` makes of every value, in an array of another type; `Type.from(data, of)` takes ten times as long.
 * @template {Values} T @param {new (length: number) => T} Type @param {Values} data @param {(value: number, i: number) => number} of
 */
export function mapTo(Type, data, of) {
  const result = new Type(data.length);
  for (let i = 0; i < data.length; i += 1) result[i] = of(data[i], i);
  return result;
}

/** The index of the largest value, the first of equals. @param {ArrayLike<number>} data */
export function argmax(data) {
  const values = Array.from(data);
  return values.indexOf(Math.max(...values));
}

/** The part of an image within a box. @param {Image<Float32Array>} image @param {Box} box @returns {Image<Float32Array>} */
export function crop({ data, width }, [left, top, right, bottom]) {
  const part = { data: new Float32Array((right - left) * (bottom - top)), width: right - left, height: bottom - top };
  for (let y = 0; y < part.height; y += 1) {
    const start = (top + y) * width + left;
    part.data.set(data.subarray(start, start + part.width), y * part.width);
  }
  return part;
}

/** With `by` zeros on every side. @param {Image<Float32Array>} image @param {number} by @returns {Image<Float32Array>} */
export function pad({ data, width, height }, by) {
  const wider = width + 2 * by;
  const padded = new Float32Array(wider * (height + 2 * by));
  for (let y = 0; y < height; y += 1) padded.set(data.subarray(y * width, (y + 1) * width), (y + by) * wider + by);
  return { data: padded, width: wider, height: height + 2 * by };
}

/** Rows become columns. @param {Image<Uint8Array>} image @returns {Image<Uint8Array>} */
export function transpose({ data, width, height }) {
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) result[x * height + y] = data[y * width + x];
  return { data: result, width: height, height: width };
}

/**
 * Connected components of the pixels that are not 0; neighbours at a corner are connected.
 * @param {Image<Uint8Array>} mask
 * @returns {{labels: Int32Array, count: number}} 0 on the background; 1, 2, 3… in the order of the first pixels
 */
export function label({ data, width, height }) {
  const labels = new Int32Array(data.length);
  const stack = new Int32Array(data.length);
  let count = 0;
  for (let first = 0; first < data.length; first += 1) {
    if (!data[first] || labels[first]) continue;
    count += 1;
    labels[first] = count;
    stack[0] = first;
    for (let open = 1; open > 0; ) {
      open -= 1;
      const [x, y] = [stack[open] % width, Math.floor(stack[open] / width)];
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column += 1) {
          const next = row * width + column;
          if (!data[next] || labels[next]) continue;
          labels[next] = count;
          stack[open] = next;
          open += 1;
        }
      }
    }
  }
  return { labels, count };
}

/** The boxes of the pixels labelled 1, 2, 3… @param {Image<Int32Array>} labels @returns {Box[]} */
export function findObjects({ data, width, height }) {
  /** @type {Box[]} */
  const boxes = [];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const number = data[y * width + x];
      if (number <= 0) continue;
      while (boxes.length < number) boxes.push([width, height, 0, 0]);
      const box = boxes[number - 1];
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x + 1);
      box[3] = y + 1;
    }
  }
  return boxes;
}

/**
 * The largest value of the square that reaches `reach` pixels to every side, as far as the image goes; `across` pixels to the
 * left and right if that is another number.
 * @param {Image<Values>} image @param {number} reach @param {number} [across] @returns {Image<Float32Array>}
 */
export function maximumFilter(image, reach, across = reach) {
  return rankFilter(image, reach, across, 1);
}

/** The smallest value likewise. @param {Image<Values>} image @param {number} reach @param {number} [across] @returns {Image<Float32Array>} */
export function minimumFilter(image, reach, across = reach) {
  return rankFilter(image, reach, across, -1);
}

/** Grey opening: bright structures that the square does not fit into go. @param {Image<Values>} image @param {number} reach @param {number} [across] */
export function greyOpening(image, reach, across = reach) {
  return maximumFilter(minimumFilter(image, reach, across), reach, across);
}

/** Grey closing: dark ones go. @param {Image<Values>} image @param {number} reach */
export function greyClosing(image, reach) {
  return minimumFilter(maximumFilter(image, reach), reach);
}

/**
 * @param {Image<Values>} image @param {number} down @param {number} across how far the window reaches
 * @param {1 | -1} sign 1: largest, -1: smallest
 * @returns {Image<Float32Array>}
 */
function rankFilter({ data, width, height }, down, across, sign) {
  const rows = new Float32Array(data);
  const longest = Math.max(width + 2 * across, height + 2 * down);
  const buffers = [0, 0, 0].map(() => new Float32Array(longest));
  if (across > 0) for (let y = 0; y < height; y += 1) slideRank(data, rows, y * width, 1, width, across, sign, buffers);
  const result = new Float32Array(rows);
  if (down > 0) for (let x = 0; x < width; x += 1) slideRank(rows, result, x, width, height, down, sign, buffers);
  return { data: result, width, height };
}

/**
 * The same along one line, by the method of van Herk, Gil and Werman: the line is divided into blocks as long as the window,
 * so that a window is the end of one block and the start of the next.
 * @param {Values} from @param {Float32Array} to @param {number} start @param {number} step
 * @param {number} length @param {number} reach @param {1 | -1} sign
 * @param {Float32Array[]} buffers of at least the line's length and twice the reach
 */
function slideRank(from, to, start, step, length, reach, sign, [line, soFar, toCome]) {
  const size = 2 * reach + 1;
  const end = length + 2 * reach;
  line.fill(-Infinity, 0, end); // beyond the image
  for (let at = 0; at < length; at += 1) line[at + reach] = sign * from[start + at * step];
  for (let first = 0; first < end; first += size) {
    const last = Math.min(first + size, end) - 1;
    soFar[first] = line[first];
    for (let at = first + 1; at <= last; at += 1) soFar[at] = soFar[at - 1] > line[at] ? soFar[at - 1] : line[at];
    toCome[last] = line[last];
    for (let at = last - 1; at >= first; at -= 1) toCome[at] = toCome[at + 1] > line[at] ? toCome[at + 1] : line[at];
  }
  for (let at = 0; at < length; at += 1) {
    const [ending, starting] = [toCome[at], soFar[at + size - 1]];
    to[start + at * step] = sign * (ending > starting ? ending : starting);
  }
}

/**
 * The mean of the square that reaches `reach` pixels to every side, the border repeated.
 * @param {Image<Float32Array>} image @param {number} reach @returns {Image<Float32Array>}
 */
export function uniformFilter({ data, width, height }, reach) {
  const down = new Float32Array(data.length);
  const result = new Float32Array(data.length);
  for (let x = 0; x < width; x += 1) slideMean(data, down, x, width, height, reach);
  for (let y = 0; y < height; y += 1) slideMean(down, result, y * width, 1, width, reach);
  return { data: result, width, height };
}

/**
 * The same along one line.
 * @param {Float32Array} from @param {Float32Array} to @param {number} start @param {number} step @param {number} length
 * @param {number} reach
 */
function slideMean(from, to, start, step, length, reach) {
  const value = (/** @type {number} */ at) => from[start + clip(at, 0, length - 1) * step];
  let total = 0;
  for (let at = -reach; at <= reach; at += 1) total += value(at);
  for (let at = 0; at < length; at += 1) {
    to[start + at * step] = total / (2 * reach + 1);
    total += value(at + reach + 1) - value(at - reach);
  }
}
