/**
 * The background of a picture: whether it is even, has the grain of paper or a camera's noise, and is of one grey level. The
 * JavaScript counterpart of `mnist_cnn/drawing/background.py`.
 */

import { BACKGROUND, RASTER } from './constants.js';
import { greyClosing, mapTo, max, maximumFilter, median, round, sum } from './ndimage.js';
import { backgroundLevel, boundingBox, resize } from './raster.js';

/** @typedef {import('./raster.js').Grey} Grey */

const { ROUNDING, STRONG_INK, INK_NEIGHBOURHOOD, GROUND_SIZE, GROUND_CLOSING } = BACKGROUND;
const { BACKGROUND_TOLERANCE, MIN_CONTRAST, MIN_FLAT_SHARE } = RASTER;

/** Whether the background, where no ink is near, varies by more than `tolerance` grey levels. @param {Grey} grey @param {number} tolerance */
export function isUneven(grey, tolerance) {
  const { width, height } = grey;
  const level = backgroundLevel(grey);
  const difference = grey.data.map((value) => Math.abs(value - level));
  const least = Math.max(STRONG_INK, max(difference) / 2);
  const strong = { data: difference.map((value) => Number(value >= least)), width, height };
  const reach = Math.max(1, round(INK_NEIGHBOURHOOD * Math.min(width, height)));
  if (max(strong.data)) {
    const [left, top, right, bottom] = boundingBox(strong, 1);
    const [across, down] = [Math.min(width, right + reach) - Math.max(0, left - reach), Math.min(height, bottom + reach) - Math.max(0, top - reach)];
    let uneven = 0;
    for (let i = 0; i < difference.length; i += 1) uneven += Number(difference[i] > tolerance) - strong.data[i];
    if (uneven <= (1 - MIN_FLAT_SHARE) * (width * height - across * down)) return false; // this saves the filter for most drawings
  }
  const near = maximumFilter(strong, reach).data;
  let [far, flat] = [0, 0];
  difference.forEach((value, i) => {
    if (near[i]) return;
    far += 1;
    if (value <= tolerance) flat += 1;
  });
  return far > 0 && flat / far < MIN_FLAT_SHARE;
}

/** 1 where a pixel differs from the one on its left, which the first of a row does not; else 0. @param {Grey} grey */
export function isGrain({ data, width }) {
  return mapTo(Uint8Array, data, (value, i) => Number(i % width > 0 && Math.abs(value - data[i - 1]) > ROUNDING));
}

/** Whether most neighbours differ, as they do on paper and not on a screen. @param {Grey} grey */
export function hasGrain(grey) {
  return sum(isGrain(grey)) > 0.5 * (grey.width - 1) * grey.height;
}

/** The grey level of a background, whose ink is dark; null if it has more than one. @param {Grey} grey */
export function groundLevel(grey) {
  const small = Math.max(grey.width, grey.height) > GROUND_SIZE ? resize(grey, GROUND_SIZE) : grey;
  const reach = Math.floor(round(GROUND_CLOSING * Math.max(small.width, small.height)) / 2);
  const ground = greyClosing(small, reach).data;
  const level = median(ground);
  const flat = ground.reduce((count, value) => count + Number(Math.abs(value - level) <= BACKGROUND_TOLERANCE), 0);
  if (flat < MIN_FLAT_SHARE * ground.length) return null;
  return median(small.data.filter((value) => Math.abs(value - level) < MIN_CONTRAST)); // the closing is as light as the lightest grain
}
