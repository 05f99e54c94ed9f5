/**
 * Six steps to understand the network, on what is on the pad or on the example.
 * In:  readings; the visitor's Next and Back.
 * Out: words with the numbers of this drawing; the part that they are about, in view and marked.
 */

import { CONFIDENCE } from '../engine/constants.js';
import { scoreOf } from '../engine/contributions.js';
import { scoresOf } from '../engine/gradients.js';
import { argmax } from '../engine/ndimage.js';
import { find } from '../pad/dom.js';
import { fixed, percent } from '../pad/format.js';
import { wantsLessMotion } from '../pad/pad.js';
import { mapsOf, shownStages } from './maps.js';
import { byStrength } from './numbers.js';

/** @typedef {import('./inside.js').Answered} Answered */
/**
 * @typedef {object} Step
 * @property {string} title
 * @property {string} about selector of the part
 * @property {number} [stage] that is opened
 * @property {(reading: Answered) => string} words
 */

/** The stage whose receptive field is shown, and the one whose filters are. */
const [DEEP, FIRST] = [3, 0];

/** @type {Step[]} */
const STEPS = [
  {
    title: 'A drawing becomes numbers',
    about: '.steps',
    words: () =>
      'The network does not see strokes. The drawing is cut out, shrunk, and moved so that its ink is balanced in the middle of 28 × 28 pixels. ' +
      'That leaves 784 numbers: 0 where there is no ink, 1 where there is full ink.',
  },
  {
    title: 'A convolution: nine pixels times nine numbers',
    about: '.cell',
    stage: FIRST,
    words: () =>
      'A filter is nine learnt numbers. It is laid on nine pixels: the square on the drawing. Each pixel is multiplied by the number on it, and the nine products are added up. ' +
      'The sum is large where the drawing looks like the filter. Choose another place on the map and see the sum change.',
  },
  {
    title: 'One filter makes one map',
    about: '.stage:nth-of-type(1)',
    stage: FIRST,
    words: (reading) =>
      `The filter is laid on every place of the drawing, and its sums make a map. ${mapsOf(reading, shownStages(reading.network.description)[0].layers[0]).channels} filters make as many maps; each has a number added, its bias. ` +
      'Orange: it fits here. Blue: the opposite is here. Then ReLU sets everything below 0 to 0, so only what fits is passed on.',
  },
  {
    title: 'Deeper stages see more: the receptive field',
    about: '.cell',
    stage: DEEP,
    words: (reading) =>
      'The next stages do the same with the maps before. A number here adds up nine neighbours, and each of them has seen a square of its own. Together they see a larger one: ' +
      `the receptive field, the square on the drawing. From stage to stage it grows, to ${fieldsOf(reading).join(', ')} pixels a side.`,
  },
  {
    title: 'Averages times weights make scores',
    about: '.scores',
    words: (reading) => {
      const { top, terms, means, weights, total } = strongestTerm(reading);
      const map = byStrength(terms)[0];
      const product = weights ? `${fixed(means[map])} × ${fixed(weights[map])} ≈ ${fixed(terms[map])}` : fixed(terms[map]);
      return (
        `Each of the last maps is one clue. How strong it is, its average, is multiplied by a weight: how much this clue speaks for a digit, or against it. For ${top}, ` +
        `map ${map + 1} counts most: ${product}. All ${terms.length} products and the bias add up to its score, ${fixed(total)}.`
      );
    },
  },
  {
    title: 'The highest score wins',
    about: '.why',
    words: (reading) => {
      const { top } = strongestTerm(reading);
      const probability = percent(reading.digit.judgement.probabilities[top]);
      return (
        `Softmax turns the ten scores into probabilities: ${top} gets ${probability}. Which ink decided that? Orange ink speaks for ${top}, blue ink for the other digit. ` +
        'Now draw something between two digits on the small pad at the top, and watch the network change its mind.'
      );
    },
  },
];

export class Tour {
  /** @type {Answered | null} */
  #reading = null;
  /** @type {number | null} */
  #step = null;

  #root;
  #card;
  #stages;
  #button;

  /** @param {HTMLElement} root holds what `inside.html` has @param {import('./stages.js').Stages} stages */
  constructor(root, stages) {
    this.#root = root;
    this.#stages = stages;
    this.#card = find(root, '.tour', HTMLElement);
    this.#button = find(root, '.inside-tour', HTMLButtonElement);
    this.#button.addEventListener('click', () => this.#go(0));
    find(root, '.tour-next', HTMLElement).addEventListener('click', () => this.#go((this.#step ?? 0) + 1));
    find(root, '.tour-back', HTMLElement).addEventListener('click', () => this.#go((this.#step ?? 0) - 1));
    find(root, '.tour-end', HTMLElement).addEventListener('click', () => this.#end());
    this.#card.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault(); // else it would clear the pad
      this.#end();
    });
  }

  /** @param {Answered} reading */
  follow(reading) {
    this.#reading = reading;
    if (this.#step !== null && reading.ended) find(this.#card, '.tour-words', HTMLElement).textContent = STEPS[this.#step].words(reading);
  }

  /** @param {number} step */
  #go(step) {
    if (!this.#reading) return;
    if (step >= STEPS.length) {
      this.#end();
      return;
    }
    this.#step = step;
    const { title, about, stage, words } = STEPS[step];
    this.#card.hidden = false;
    find(this.#card, '.tour-count', HTMLElement).textContent = `Step ${step + 1} of ${STEPS.length}`;
    find(this.#card, 'h3', HTMLElement).textContent = title;
    find(this.#card, '.tour-words', HTMLElement).textContent = words(this.#reading);
    find(this.#card, '.tour-back', HTMLButtonElement).disabled = step === 0;
    const next = find(this.#card, '.tour-next', HTMLElement);
    next.textContent = step === STEPS.length - 1 ? 'Done' : 'Next';
    if (stage !== undefined) this.#stages.open(stage, this.#reading);
    this.#mark(find(this.#root, about, HTMLElement));
    next.focus({ preventScroll: true });
  }

  #end() {
    this.#step = null;
    this.#card.hidden = true;
    this.#mark(null);
    this.#button.focus({ preventScroll: true });
  }

  /** @param {HTMLElement | null} part */
  #mark(part) {
    for (const marked of this.#root.querySelectorAll('.tour-here')) marked.classList.remove('tour-here');
    part?.classList.add('tour-here');
    part?.scrollIntoView({ behavior: wantsLessMotion() ? 'auto' : 'smooth', block: 'start' });
  }
}

/** The receptive field after every stage. @param {Answered} reading */
function fieldsOf({ network: { description } }) {
  return shownStages(description).map(({ layers }) => description.table?.find(({ name }) => name === layers[layers.length - 1])?.receptive_field);
}

/** The answer and the terms of its score. @param {Answered} reading */
function strongestTerm({ network, digit: { result } }) {
  const top = argmax(scoresOf(result));
  return { top, ...scoreOf(network, result, CONFIDENCE.LOGITS, top) };
}
