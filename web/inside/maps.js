/**
 * The maps of a reading: where they are, how strong they are.
 * In:  readings.
 * Out: values; no document is needed.
 */

/** @typedef {import('./inside.js').Answered} Answered */
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

/** How much every map finds: the mean of its distances from 0. @param {Maps} maps */
export function strengths(maps) {
  return Array.from({ length: maps.channels }, (_, map) => mapOf(maps, map).reduce((sum, value) => sum + Math.abs(value), 0) / maps.size ** 2);
}

/** The stages before the scores. @param {Description} description */
export const shownStages = ({ stages = [] }) => stages.slice(0, -1);

/** What the linear layer reads, before it is put in one row. @param {Answered} reading @returns {Maps} */
export function lastMaps(reading) {
  const { layers } = reading.network.description;
  return mapsOf(reading, layers[layers.findIndex(({ kind }) => kind === 'flatten') - 1].name);
}
