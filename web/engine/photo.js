/**
 * A photograph of handwriting on paper -> dark ink on white. The JavaScript counterpart of `mnist_cnn/drawing/photo.py`, which
 * explains the steps.
 */

import { groundLevel, hasGrain, isUneven } from './background.js';
import { BACKGROUND, PHOTO, RASTER } from './constants.js';
import { clip, crop, findObjects, greyClosing, greyOpening, label, mapTo, maximumFilter } from './ndimage.js';
import { minimumFilter, round, transpose, uniformFilter } from './ndimage.js';
import { backgroundLevel, brightness, resize } from './raster.js';

/** @typedef {import('./raster.js').Picture} Picture */
/** @typedef {import('./raster.js').Grey} Grey */
/** @typedef {{data: Uint8Array, width: number, height: number}} Levels */

const { PHOTO_SIZE, CLOSING_SIZE, CLOSING_STROKES, MIN_CLOSING_SIZE, CHALK_SKEWNESS } = PHOTO;
const { LINE_SEARCH_SIZE, LINE_SAMPLES, MAX_TILTS, MAX_LINE_TILT, LINE_TILT_STEP } = PHOTO;
const { MIN_LINE_COVERAGE, MIN_LINE_PART, MIN_LINE_STRENGTH, MIN_STROKE_THICKNESS, LINE_GAIN } = PHOTO;
const { MIN_CLASS_CONTRAST, MIN_SIGNAL, MIN_DEVIATIONS, HYSTERESIS, SPECK, MIN_COMPONENT_SIZE, MAX_FLATNESS } = PHOTO;
const { BORDER_MARGIN, MAX_BORDER_CONTACT, BORDER_SIZES, ROUNDS } = PHOTO;
const { BACKGROUND_TOLERANCE, MIN_CONTRAST } = RASTER;
const { MIN_PHOTO_SIZE, SCREEN_TOLERANCE } = BACKGROUND;

/** Whether a picture is a photograph or a scan, which `clean` is for. @param {Picture} picture */
export function isPhoto(picture) {
  const grey = brightness(picture);
  if (Math.min(grey.width, grey.height) < MIN_PHOTO_SIZE) return false;
  const background = backgroundLevel(grey);
  if (grey.data.every((value) => Math.abs(value - background) < MIN_CONTRAST)) return false;
  return isUneven(grey, SCREEN_TOLERANCE) || hasGrain(grey);
}

/**
 * The ink of a photograph, at most `PHOTO_SIZE` pixels per side; white where nothing is written.
 * @param {Picture} picture
 * @param {number} [closingSize] strokes are narrower than this fraction of the longer side
 * @returns {Grey}
 */
export function clean(picture, closingSize = CLOSING_SIZE) {
  let grey = brightness(picture);
  const { width, height } = grey;
  if (Math.max(width, height) > PHOTO_SIZE) grey = resize(grey, PHOTO_SIZE);
  const noise = noiseOf({ ...grey, data: new Uint8Array(grey.data) });
  if (noise > SCREEN_TOLERANCE || isUneven(grey, BACKGROUND_TOLERANCE)) grey = uniformFilter(grey, 1); // without noise a mean would only blur
  const longest = Math.max(grey.width, grey.height);
  const size = closingSize * longest;
  if (backgroundLevel(grey) < 128 && isChalk(grey, reachOf(size))) {
    grey = { ...grey, data: grey.data.map((value) => 255 - value) };
  }
  const level = closingSize === CLOSING_SIZE ? groundLevel(grey) : null;
  let { ink, significant } = withoutIllumination(grey, size, level);
  ink = withoutLines(ink);
  let labels = digitLabels(ink, significant);
  const fine = CLOSING_STROKES * strokeWidth({ ...ink, data: labels });
  if (level === null && fine > 0 && fine < size / 2) {
    ({ ink, significant } = withoutIllumination(grey, Math.max(fine, MIN_CLOSING_SIZE * longest), null));
    ink = withoutLines(ink);
    labels = digitLabels(ink, significant);
  }
  const strengths = strengthsOf(ink, labels);
  const strength = maximumFilter({ ...ink, data: mapTo(Float32Array, labels, (number) => strengths[number]) }, 1).data; // the faint outer edges too
  const data = new Float32Array(ink.data.length).fill(255);
  strength.forEach((full, i) => {
    if (full > 0) data[i] = 255 - Math.floor(Math.fround(255 * Math.min(1, Math.fround(ink.data[i] / full))));
  });
  return { ...ink, data };
}

/** How far a filter of about `size` pixels reaches to every side. @param {number} size */
function reachOf(size) {
  return Math.floor(round(size) / 2);
}

/** The mean width of the strokes of the components in pixels, 0 without any. @param {{data: Int32Array, width: number, height: number}} labels */
function strokeWidth(labels) {
  const inside = minimumFilter(labels, 1).data;
  let [area, outline] = [0, 0];
  labels.data.forEach((number, i) => {
    if (!number) return;
    area += 1;
    if (inside[i] === 0) outline += 1;
  });
  return (2 * area) / Math.max(outline, 1);
}

/** The strength of full ink of every component, 0 of the background. @param {Levels} ink @param {Int32Array} labels */
function strengthsOf({ data }, labels) {
  /** @type {number[][]} */
  const levels = [];
  labels.forEach((number, i) => {
    if (number) (levels[number] ??= []).push(data[i]);
  });
  const strengths = new Float32Array(levels.length || 1);
  levels.forEach((own, number) => {
    own.sort((a, b) => a - b);
    const strong = own.filter((value) => value > own[own.length - 1] / 2);
    strengths[number] = strong[Math.floor((strong.length * 3) / 4)];
  });
  return strengths;
}

/**
 * By how much every pixel is darker than the background there, 0…255, and whether by more than noise would be.
 * @param {Grey} grey @param {number} size @param {number | null} level of the background, if it has one everywhere
 * @returns {{ink: Levels, significant: Uint8Array}}
 */
function withoutIllumination(grey, size, level) {
  const background = level === null ? greyClosing(grey, reachOf(size)).data : new Float32Array(grey.data.length).fill(level);
  const data = mapTo(Uint8Array, grey.data, (value, i) => {
    return Math.floor(Math.max(0, 255 * (1 - Math.fround(value / Math.max(background[i], 1)))));
  });
  const differences = mapTo(Int16Array, grey.data, (value, i) => Math.floor(Math.fround(background[i] - value)));
  const middle = medianOf(differences);
  const spread = medianOf(differences.map((value) => 2 * Math.abs(value - middle))) / 2; // the median may be a half
  const least = middle + MIN_DEVIATIONS * 1.4826 * spread;
  return { ink: { ...grey, data }, significant: mapTo(Uint8Array, differences, (value) => Number(value > least)) };
}

/** Of integers from -255 to 1020. @param {Int16Array} values */
function medianOf(values) {
  const counts = new Uint32Array(1276);
  for (let i = 0; i < values.length; i += 1) counts[values[i] + 255] += 1;
  return (ranked(counts, Math.floor((values.length - 1) / 2)) + ranked(counts, Math.floor(values.length / 2))) / 2 - 255;
}

/** Ink without printed lines, level or upright. @param {Levels} ink @returns {Levels} */
function withoutLines(ink) {
  const { width, height } = ink;
  const level = printedLines(ink);
  const upright = printedLines(transpose(ink));
  const data = ink.data.map((value, i) => {
    const line = Math.max(level[i], upright[(i % width) * height + Math.floor(i / width)]);
    return Math.floor(value - Math.min(value, LINE_GAIN * line));
  });
  return { ...ink, data };
}

/** Whether a dark picture shows light ink. @param {Grey} grey @param {number} reach */
function isChalk(grey, reach) {
  const border = 2 * reach + 1;
  const [right, bottom] = [grey.width - border, grey.height - border];
  if (right <= border || bottom <= border) return false;
  const inner = crop(grey, [border, border, right, bottom]);
  const around = uniformFilter(inner, reach).data;
  let [squares, cubes] = [0, 0];
  inner.data.forEach((value, i) => {
    const difference = value - around[i];
    squares += difference * difference;
    cubes += difference * difference * difference;
  });
  const count = inner.data.length;
  return cubes / count > CHALK_SKEWNESS * (squares / count) ** 1.5;
}

/** Strength of the straight, thin and nearly horizontal lines that cross the whole picture. @param {Levels} ink */
function printedLines(ink) {
  const { data, width, height } = ink;
  const small = Math.max(width, height) > LINE_SEARCH_SIZE ? levelsOf(resize({ ...ink, data: new Float32Array(data) }, LINE_SEARCH_SIZE)) : ink;
  const found = [];
  for (let tilt = -MAX_LINE_TILT; tilt <= MAX_LINE_TILT; tilt += LINE_TILT_STEP) {
    const sum = lineProfile(small, tilt).strength.reduce((all, value) => all + value, 0);
    if (sum > 0) found.push({ tilt, sum });
  }
  const best = new Uint8Array(data.length);
  found.sort((a, b) => b.sum - a.sum);
  for (const { tilt } of found.slice(0, MAX_TILTS)) {
    for (const step of [-1, 0, 1]) raise(best, ink, tilt + (step * LINE_TILT_STEP) / 2);
  }
  if (found.length === 0) return best;
  const thick = greyOpening(ink, reachOf(thickness(ink)), 0).data; // not a stroke, and not where one crosses
  return best.map((value, i) => Math.min(value, data[i] - thick[i]));
}

/** @param {Grey} grey @returns {Levels} */
function levelsOf(grey) {
  return { ...grey, data: mapTo(Uint8Array, grey.data, (value) => Math.floor(value + 0.5)) };
}

/** Raise `best` to the strength of the lines of one tilt. @param {Uint8Array} best @param {Levels} ink @param {number} tilt */
function raise(best, ink, tilt) {
  const { width, height } = ink;
  const { strength, reach } = lineProfile(ink, tilt, MIN_LINE_PART);
  const shifts = Int32Array.from({ length: width }, (_, x) => reach - riseOf(ink, tilt, x));
  for (let y = 0, i = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, i += 1) best[i] = Math.max(best[i], strength[y + shifts[x]]);
  }
}

/**
 * Strength of the line of one tilt through every row of the middle column, and of `reach` rows above and below.
 * @param {Levels} ink @param {number} tilt @param {number} [part] of a line that leaves the picture, if that part alone may be one
 */
function lineProfile(ink, tilt, part = 1) {
  const { data, width, height } = ink;
  const step = Math.max(1, Math.floor(width / LINE_SAMPLES));
  const reach = Math.ceil((width / 2) * Math.tan((Math.abs(tilt) * Math.PI) / 180) + 0.5);
  const columns = Int32Array.from({ length: Math.ceil(width / step) }, (_, i) => i * step);
  const rises = columns.map((x) => riseOf(ink, tilt, x));
  const along = new Uint8Array(columns.length);
  const strength = new Uint8Array(height + 2 * reach);
  for (let row = 0; row < strength.length; row += 1) {
    let [within, beyond] = [0, along.length]; // what lies outside the picture comes last
    for (let i = 0; i < columns.length; i += 1) {
      const y = row - reach + rises[i];
      const isWithin = y >= 0 && y < height;
      along[isWithin ? within++ : --beyond] = data[(isWithin ? y : clip(y, 0, height - 1)) * width + columns[i]];
    }
    strength[row] = visible(along);
    const isLeaving = within > 0 && within < along.length && within >= part * along.length;
    if (isLeaving) strength[row] = Math.max(strength[row], visible(along.subarray(0, within)));
  }
  const thick = greyOpening({ data: strength, width: 1, height: strength.length }, reachOf(thickness(ink)), 0).data;
  return { strength: strength.map((value, row) => value - thick[row]), reach };
}

/** The median of values along a line, 0 where too few of them are ink. @param {Uint8Array} along */
function visible(along) {
  let faint = 0;
  for (let i = 0; i < along.length; i += 1) if (along[i] < MIN_LINE_STRENGTH) faint += 1;
  return faint <= Math.floor(along.length * (1 - MIN_LINE_COVERAGE)) ? along.slice().sort()[Math.floor(along.length / 2)] : 0;
}

/** How many rows below its place in the middle column a line is in column `x`. @param {Levels} ink @param {number} tilt @param {number} x */
function riseOf({ width }, tilt, x) {
  return Math.floor((x - width / 2) * Math.tan((tilt * Math.PI) / 180) + 0.5);
}

/** In pixels, how thick a stroke is at least. @param {Levels} ink */
function thickness({ width, height }) {
  return Math.max(3, 2 * reachOf(MIN_STROKE_THICKNESS * Math.max(width, height)) + 1);
}

/** The value with `rank` smaller ones, counted from 0. @param {Uint16Array | Uint32Array} counts @param {number} rank */
function ranked(counts, rank) {
  let value = 0;
  for (let below = counts[0]; below <= rank; below += counts[value]) value += 1;
  return value;
}

/** Which component every pixel belongs to, 0 where nothing is written. @param {Levels} ink @param {Uint8Array} significant */
function digitLabels({ data, width, height }, significant) {
  let result = new Int32Array(data.length);
  let ink = data;
  const noise = noiseOf({ data, width, height });
  const margin = Math.max(1, round(BORDER_MARGIN * Math.max(width, height)));
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    const threshold = thresholdOf(ink, noise);
    if (threshold === null) break;
    const { labels } = label({ data: ink.map((value, i) => Number(significant[i] && value > HYSTERESIS * threshold)), width, height });
    const { large, kept, atBorder } = sortedOut({ data: labels, width, height });
    if (!kept.includes(true)) return turn === 0 ? labels.map((number) => (large[number] ? number : 0)) : result;
    result = labels.map((number) => (kept[number] ? number : 0));
    const dropped = atBorder.map((touches, number) => touches && !kept[number]);
    if (!dropped.includes(true)) break;
    const gone = maximumFilter({ data: mapTo(Uint8Array, labels, (number) => Number(dropped[number])), width, height }, margin).data;
    ink = ink.map((value, i) => (gone[i] ? 0 : value));
  }
  return result;
}

/** Standard deviation of the noise, from the median difference of neighbours. @param {Levels} ink */
function noiseOf({ data, width, height }) {
  const counts = new Uint32Array(256);
  for (let i = 1; i < data.length; i += 1) if (i % width) counts[Math.abs(data[i] - data[i - 1])] += 1;
  const half = ((width - 1) * height) / 2;
  const median = (ranked(counts, Math.floor(half - 0.5)) + ranked(counts, Math.floor(half))) / 2;
  return (1.4826 / Math.sqrt(2)) * median;
}

/** Which components are no specks, may be digits or parts of one, touch the border. @param {{data: Int32Array, width: number, height: number}} labels */
function sortedOut(labels) {
  const { data, width, height } = labels;
  /** @type {import('./ndimage.js').Box[]} */
  const boxes = [[0, 0, 0, 0], ...findObjects(labels)];
  const contact = boxes.map(() => 0);
  for (let x = 0; x < width; x += 1) for (const y of [0, height - 1]) contact[data[y * width + x]] += 1;
  for (let y = 0; y < height; y += 1) for (const x of [0, width - 1]) contact[data[y * width + x]] += 1;
  contact[0] = 0;
  const size = boxes.map(([left, top, right, bottom]) => Math.max(right - left, bottom - top));
  const flat = boxes.map(([left, top, right, bottom]) => right - left > MAX_FLATNESS * (bottom - top));
  const large = size.map((each, i) => i > 0 && each >= SPECK * Math.max(width, height));
  const inner = size.filter((_, i) => large[i] && !flat[i] && contact[i] === 0);
  const usual = inner.length ? usualOf(inner) : 0;
  const kept = size.map((each, i) => {
    if (!large[i] || flat[i] || contact[i] > MAX_BORDER_CONTACT * each) return false;
    if (inner.length === 0) return true;
    const fits = contact[i] === 0 || (each >= BORDER_SIZES[0] * usual && each <= BORDER_SIZES[1] * usual);
    return fits && each >= MIN_COMPONENT_SIZE * usual;
  });
  return { large, kept, atBorder: contact.map((count) => count > 0) };
}

/** The median of sizes, where each counts as often as it is large. @param {number[]} sizes */
function usualOf(sizes) {
  const ordered = [...sizes].sort((a, b) => a - b);
  const half = ordered.reduce((sum, size) => sum + size, 0) / 2;
  let sum = 0;
  return ordered.find((size) => (sum += size) >= half) ?? 0;
}

/** Otsu's threshold, or that of the pixels above it: the first whose two classes differ enough. @param {Uint8Array} data @param {number} noise */
function thresholdOf(data, noise) {
  const counts = new Float64Array(256);
  for (let i = 0; i < data.length; i += 1) counts[data[i]] += 1;
  for (let trial = 0; trial < 2; trial += 1) {
    const { threshold, contrast } = otsu(counts);
    if (threshold < 0) return null;
    if (contrast >= Math.max(MIN_CLASS_CONTRAST, MIN_SIGNAL * noise)) return threshold;
    counts.fill(0, 0, threshold + 1);
  }
  return null;
}

/** The threshold, -1 where all is of one level, and by how much the means of the two classes differ. @param {Float64Array} counts */
function otsu(counts) {
  const count = counts.reduce((sum, value) => sum + value);
  const total = counts.reduce((sum, value, level) => sum + value * level, 0);
  let [best, threshold, contrast] = [0, -1, 0];
  let [below, mass] = [0, 0];
  for (let level = 0; level < 255; level += 1) {
    below += counts[level];
    mass += counts[level] * level;
    const above = count - below;
    if (below === 0 || above === 0) continue;
    const difference = (total - mass) / above - mass / below;
    const variance = below * above * difference * difference;
    if (variance > best) [best, threshold, contrast] = [variance, level, difference];
  }
  return { threshold, contrast };
}
