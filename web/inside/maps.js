/**
 * The maps of a reading: where they are, how strong they are.
 * In:  readings.
 * Out: values; no document is needed.
 */

import { MODEL } from '../engine/constants.js';
import { byStrength } from './numbers.js';

/** @typedef {import('./inside.js').Answered} Answered */
/** @typedef {import('../engine/cnn.js').Network} Network */
/** @typedef {import('../engine/cnn.js').Result} Result */
/** @typedef {import('../engine/cnn.js').Maps} Maps */
/** @typedef {import('../engine/cnn.js').Description} Description */

/** @param {Answered} reading @param {string} name of a layer that the browser runs */
export const mapsOf = ({ digit }, name) => /** @type {Maps} */ (digit.result.activations.get(name));

/** One of the maps. @param {Maps} maps @param {number} map */
export const mapOf = ({ data, size }, map) => data.subarray(map * size * size, (map + 1) * size * size);

/** The mean of every map. @param {Maps} maps */
export function meansOf(maps) {
  return Array.from({ length: maps.channels }, (_, map) => mapOf(maps, map).reduce((sum, value) => sum + value, 0) / maps.size ** 2);
}

/** What networks say about an empty image. @type {WeakMap<Network, Result>} */
const blanks = new WeakMap();

/** The maps of a layer, the strongest first: the one that finds most beyond what it finds in an empty image. @param {Answered} reading @param {string} name */
export function strongest(reading, name) {
  const { network } = reading;
  const blank = blanks.get(network) ?? network.run(new Uint8Array(MODEL.IMAGE_SIZE ** 2));
  blanks.set(network, blank);
  const maps = mapsOf(reading, name);
  const nothing = /** @type {Maps} */ (blank.activations.get(name)).data;
  const found = new Float32Array(maps.channels);
  const cells = maps.size ** 2;
  maps.data.forEach((value, i) => {
    found[Math.floor(i / cells)] += Math.max(0, value - nothing[i]);
  });
  return byStrength(found);
}

/** Whether two networks differ in their weights only. @param {Description} one @param {Description | null} other */
export const alike = (one, other) => one === other || JSON.stringify(one.layers) === JSON.stringify(other?.layers);

/** The stages before the scores. @param {Description} description */
export const shownStages = ({ stages = [] }) => stages.slice(0, -1);

/** What the linear layer reads, before it is put in one row. @param {Answered} reading @returns {Maps} */
export function lastMaps(reading) {
  const { layers } = reading.network.description;
  return mapsOf(reading, layers[layers.findIndex(({ kind }) => kind === 'flatten') - 1].name);
}
