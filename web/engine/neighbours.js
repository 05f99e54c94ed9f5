/**
 * The training digits that are nearest to a drawing in a network's own numbers: those that its last layer weighs. The JavaScript
 * counterpart of `mnist_cnn/neighbours.py`.
 */

/**
 * The `count` rows of `known` that are nearest to `features`, and how far they are, nearest first.
 * @param {ArrayLike<number>} features
 * @param {ArrayLike<number>} known row by row, each as long as `features`
 * @param {number} count
 * @returns {{place: number, distance: number}[]}
 */
export function nearest(features, known, count) {
  const size = features.length;
  const all = Array.from({ length: known.length / size }, (_, place) => {
    let sum = 0;
    for (let i = 0; i < size; i += 1) sum += (known[place * size + i] - features[i]) ** 2;
    return { place, distance: Math.sqrt(sum) };
  });
  return all.sort((a, b) => a.distance - b.distance).slice(0, count);
}

/** The share of `usual`, distances in ascending order, that are below `distance`. @param {number} distance @param {ArrayLike<number>} usual */
export function shareNearer(distance, usual) {
  let count = 0;
  while (count < usual.length && usual[count] < distance) count += 1;
  return count / usual.length;
}
