/**
 * From the averages of the last maps to a score for each digit, term by term.
 * In:  readings, also while the pen moves; the digit to compare with.
 * Out: the averages, the scores, and for the answer and its rival what each average adds to the score; the softmax.
 */

import { digitOf } from '../engine/cnn.js';
import { digitLogOdds, isDoubtful, rotate } from '../engine/confidence.js';
import { CONFIDENCE, MODEL, PREDICT } from '../engine/constants.js';
import { scoreOf } from '../engine/contributions.js';
import { scoresOf } from '../engine/gradients.js';
import { find, keepChildren, make, makeButton } from '../pad/dom.js';
import { fixed, percent } from '../pad/format.js';
import { largest, styleOf } from './colours.js';
import { lastMaps, mapsOf, meansOf } from './maps.js';
import { addingUp, byStrength } from './numbers.js';
import { Rival } from './rival.js';
import { Softmax } from './softmax.js';
import { signed } from './sums.js';

/** @typedef {import('./inside.js').Answered} Answered */

const { CLASSES } = MODEL;
/** Terms of a score that are shown one by one. */
const STRONGEST = 5;
const DECIMALS = 2;

export class Scores {
  /** @type {Answered | null} */
  #reading = null;

  #rival;
  #softmax;
  #lead;
  #means;
  #buttons;
  #sums;
  #refusal;

  /** @param {HTMLElement} root the section of `inside.html` @param {Rival} rival */
  constructor(root, rival) {
    this.root = root;
    this.#rival = rival;
    this.#softmax = new Softmax(find(root, '.softmax', HTMLDetailsElement));
    this.#lead = find(root, '.scores-lead', HTMLElement);
    this.#means = find(root, '.scores-means', HTMLElement);
    this.#sums = find(root, '.scores-sums', HTMLElement);
    this.#refusal = find(root, '.scores-refusal', HTMLElement);
    this.#buttons = Array.from({ length: CLASSES }, (_, digit) => {
      const button = makeButton();
      button.append(make('b', String(digit)), make('i', ': score ', 'unseen'), make('span'));
      button.addEventListener('click', () => rival.choose(digit));
      return button;
    });
    find(root, '.scores-all', HTMLElement).append(...this.#buttons);
    rival.onChoice(() => {
      if (this.#reading) this.show(this.#reading);
    });
  }

  /** @param {Answered} reading */
  show(reading) {
    this.#reading = reading;
    const scores = Array.from(scoresOf(reading.digit.result));
    const pair = this.#rival.pair(scores);
    this.#showMeans(reading);
    Rival.mark(this.#buttons, pair);
    this.#buttons.forEach((button, digit) => {
      find(button, 'span', HTMLElement).textContent = fixed(scores[digit], 1);
    });
    const refused = reading.digit.judgement.verdict === CONFIDENCE.NOT_A_DIGIT;
    const outputs = refused && hasEleventh(reading) ? [CLASSES, pair.top] : [pair.top, pair.other];
    this.#sums.replaceChildren(...outputs.map((output) => sumOfScore(reading, output)));
    this.#refusal.textContent = refusalOf(reading);
    this.#softmax.show(reading);
  }

  /** @param {Answered} reading */
  #showMeans(reading) {
    const maps = lastMaps(reading);
    const means = meansOf(maps);
    const single = maps.size === 1;
    this.#lead.textContent = single
      ? `Of the last ${means.length} maps only the averages are kept: how much of its pattern each has found. For every digit, the network has learnt a weight for each of them, ` +
        'how much it speaks for the digit or against it. Averages times weights, added up with one more number, the bias, are the digit’s score. The highest score is the answer.'
      : `The last ${means.length} maps have ${maps.size}×${maps.size} numbers each; the squares show their averages. For every digit, the network has learnt how much ` +
        'each number speaks for it: numbers times these weights, added up with one more number, the bias, are the digit’s score. The highest score is the answer.';
    keepChildren(this.#means, means.length, () => {
      const square = make('span');
      square.setAttribute('role', 'listitem');
      return square;
    });
    const most = largest(means);
    means.forEach((mean, map) => {
      const square = /** @type {HTMLElement} */ (this.#means.children[map]);
      square.textContent = String(map + 1);
      square.style.background = styleOf((0.5 * mean) / most); // pale enough to read the number on it
      square.title = `Map ${map + 1}: average ${fixed(mean)}`;
    });
  }
}

/** Whether the network has an output for "not a digit". @param {Answered} reading */
const hasEleventh = (reading) => mapsOf(reading, CONFIDENCE.LOGITS).data.length > CLASSES;

/** The terms of one score, the strongest first. @param {Answered} reading @param {number} output */
function sumOfScore({ network, digit }, output) {
  const { terms, weights, means, bias, total } = scoreOf(network, digit.result, CONFIDENCE.LOGITS, output);
  const order = byStrength(terms);
  const shown = order.slice(0, STRONGEST);
  const rest = order.slice(STRONGEST).reduce((sum, map) => sum + terms[map], 0);
  const sum = addingUp([...shown.map((map) => terms[map]), rest, bias], total, DECIMALS);
  const most = largest([...terms, rest]);
  const name = output === CLASSES ? 'not a digit' : String(output);
  const list = make('ul');
  shown.forEach((map, place) => {
    const product = weights ? `${fixed(means[map])} × ${fixed(weights[map])}` : 'all its numbers';
    list.append(termItem(`Map ${map + 1}`, product, sum.terms[place], terms[map] / most));
  });
  list.append(
    termItem(`${terms.length - shown.length} others`, '', sum.terms[shown.length], rest / most),
    termItem('Bias', '', sum.terms[shown.length + 1], bias / most),
  );
  const column = make('div', '', 'score');
  const quoted = output === CLASSES ? `“${name}”` : name;
  const heading = make('h3', `Score of ${quoted}: `);
  heading.append(make('b', fixed(sum.total)));
  column.append(heading, make('p', weights ? 'average × weight, the strongest first' : 'the strongest maps first', 'score-terms'), list);
  return column;
}

/** @param {string} name @param {string} product @param {number} value @param {number} share −1…1: the length of the bar */
function termItem(name, product, value, share) {
  const item = make('li');
  const bar = make('i', '', share < 0 ? 'term-low' : 'term-high');
  bar.style.setProperty('--share', String(Math.min(1, Math.abs(share))));
  item.append(make('span', name), make('span', product, 'term-product'), make('b', signed(value)), bar);
  return item;
}

/** A probability in a sentence. @param {number} probability */
const shareOf = (probability) => (probability < 0.0005 ? 'less than 0.1 %' : percent(probability));

/** The probability with these log-odds, in a sentence. @param {number} odds */
const shareOfOdds = (odds) => shareOf(1 / (1 + Math.exp(-odds)));

/** How sure it is that the drawing is a digit when it is rotated. @param {Answered} reading */
function looksAgain({ network, digit }) {
  const rotated = CONFIDENCE.ROTATIONS.map((degrees) => network.run(rotate(digit.seen, degrees)));
  const [left, right] = rotated.map(({ logProbs }) => shareOfOdds(digitLogOdds(logProbs)));
  return `${left} when the drawing is rotated by ${CONFIDENCE.ROTATIONS[1]}° to the left, ${right} to the right`;
}

/** What is read, by what its line adds to the threshold, as `inLines` judges. @param {number} added */
function subjectOf(added) {
  if (added === 0) return 'It';
  if (added < 0) return 'Among other digits, it';
  return Math.abs(added - PREDICT.WORD_LOG_ODDS) < 1e-9 ? 'Among letters, it' : 'Beside taller digits, something so short';
}

/** What says whether the drawing is a digit at all. @param {Answered} reading */
function refusalOf(reading) {
  const { network, digit } = reading;
  const { score, verdict, probabilities, digit_from } = digit.judgement;
  const { confidence } = network.description;
  if (!confidence) return '';
  const refused = verdict === CONFIDENCE.NOT_A_DIGIT;
  const [sure, needed] = [score, digit_from].map(shareOfOdds);
  const subject = subjectOf(digit_from - confidence.digit_from);
  const top = digitOf(digit.result);
  const consequence = refused ? `, so this one is refused. If it had to choose: ${top}` : '';
  const limit = `${subject} is read from ${needed} on${consequence}.`;
  const which = `Two questions: if it is a digit, which? ${top}: ${percent(probabilities[top])}. And is it a digit at all? `;
  if (!hasEleventh(reading)) {
    return `${which}The ten scores cannot say that. A second, smaller network looks at the averages of all stages: it is ${sure} sure that this is one. ${limit}`;
  }
  const eleventh = mapsOf(reading, CONFIDENCE.LOGITS).data[CLASSES];
  const odds = digitLogOdds(digit.result.logProbs);
  return (
    `${which}There is an eleventh score, for “not a digit”: ${fixed(eleventh)}. ` +
    `Weighed against the ten digits together, it makes the network ${shareOfOdds(odds)} sure that this is one. ` +
    (isDoubtful(odds) ? `In doubt, it looks twice more: ${looksAgain(reading)}. The three together make ${sure}. ` : '') +
    limit
  );
}
