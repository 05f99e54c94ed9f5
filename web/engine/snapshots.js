/**
 * A network at several moments of its training. The JavaScript counterpart of `mnist_cnn/snapshots.py`.
 */

/** @typedef {import('./cnn.js').Description} Description */
/** @typedef {{steps: number, epoch: number, test_loss: number, test_accuracy: number}} Moment  test_accuracy: in percent */
/** @typedef {{about: any, arrays: Record<string, {values: ArrayLike<number>}>}} Packed */

/** @param {Packed} packed @returns {{description: Description, moments: Moment[], weights: Float32Array[]}} weights: at each moment */
export function loadSnapshots({ about: { description, moments }, arrays: { scales, early, late } }) {
  const owners = channels(description);
  const count = owners[owners.length - 1] + 1;
  const sum = new Float64Array(owners.length);
  const weights = moments.map((/** @type {Moment} */ _, /** @type {number} */ moment) => {
    const start = moment * owners.length;
    owners.forEach((owner, i) => {
      const change = start < early.values.length ? early.values[start + i] : late.values[start - early.values.length + i];
      sum[i] += change * scales.values[moment * count + owner];
    });
    return Float32Array.from(sum);
  });
  return { description, moments, weights };
}

/** For every weight, the number of the output channel it belongs to; biases are channels of their own. @param {Description} description */
export function channels({ layers, values }) {
  const parts = layers.flatMap(({ weight, bias, outChannels = 0 }) => [weight, bias].flatMap((start) => (start === undefined ? [] : [{ start, outChannels }])));
  const owners = new Int32Array(values);
  let owner = 0;
  parts.forEach(({ start, outChannels }, place) => {
    const end = place + 1 < parts.length ? parts[place + 1].start : values;
    const count = outChannels || end - start; // batch norm that could not be folded has one value per channel
    const size = (end - start) / count;
    for (let channel = 0; channel < count; channel += 1, owner += 1) owners.fill(owner, start + channel * size, start + (channel + 1) * size);
  });
  return owners;
}
