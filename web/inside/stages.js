/**
 * The stages of the network: of each one line with its strongest maps and, once it is opened, every step with all its maps.
 * In:  readings, also while the pen moves; the chosen cell.
 * Out: canvases; the cell that is pointed at, in the panel of the stage it belongs to.
 */

import { onSharedCell } from '../pad/address.js';
import { find, make } from '../pad/dom.js';
import { Cell } from './cell.js';
import { cellOf, chooseCell, chosenCell, onCell } from './chosen.js';
import { Grid, largest, paintMaps } from './colours.js';
import { mapOf, mapsOf, shownStages, strongest } from './maps.js';
import { MapView, strongestCell } from './mapview.js';
import { Part } from './part.js';

/** @typedef {import('./inside.js').Answered} Answered */
/** @typedef {import('./chosen.js').ChosenCell} ChosenCell */
/** @typedef {import('../engine/cnn.js').Description} Description */
/** @typedef {import('../engine/cnn.js').Stage} StageDescription */

/** Maps side by side. */
const COLUMNS = 8;
/** Of a step without maps of its own, which only batch norm is. */
const MERGED = 'Here both numbers are already part of the filters and their biases, so it is already done in the maps above.';

export class Stages {
  /** @type {Stage[]} */
  #stages = [];

  #list;
  #cell;

  /** @param {HTMLElement} root the section of `inside.html` */
  constructor(root) {
    this.#list = find(root, '.stage-list', HTMLElement);
    this.#cell = new Cell(find(root, '.cell', HTMLElement));
    onCell(() => this.#stages.forEach((stage) => stage.choiceChanged()));
  }

  /** Show the stages of a network, in the place of those of another. @param {Description} description @returns {Part[]} */
  mount(description) {
    const first = this.#stages.length === 0;
    this.#list.after(this.#cell.root); // it may be in a stage that goes
    this.#cell.root.hidden = true;
    this.#stages = shownStages(description).map((stage) => new Stage(description, stage, this.#cell));
    this.#list.replaceChildren(...this.#stages.map(({ root }) => root));
    if (first) onSharedCell((text) => this.#restore(cellOf(text)));
    return this.#stages.map((stage) => new Part(stage.root, (reading) => stage.show(reading), { live: true }));
  }

  /** Open the stage of a cell that a link holds. @param {ChosenCell | null} cell */
  #restore(cell) {
    const stage = cell && this.#stages.find((each) => each.has(cell));
    if (!stage) return;
    stage.root.open = true;
    chooseCell(cell);
    stage.root.scrollIntoView({ block: 'start' });
  }

  /** Open a stage and choose the cell of its first step that finds most. @param {number} place @param {Answered} reading */
  open(place, reading) {
    const stage = this.#stages[Math.min(place, this.#stages.length - 1)];
    stage.root.open = true;
    chooseCell({ name: stage.first, ...strongestCell(mapsOf(reading, stage.first)) });
    stage.show(reading); // not only when it comes into view: it would grow while the page scrolls to it
  }
}

class Stage {
  root = make('details', '', 'stage');

  /** @type {Answered | null} the latest shown */
  #reading = null;
  /** Whether the stage has just been opened, so that one of its cells is to be chosen. */
  #choosing = false;
  /** @type {Map<string, MapView>} by the name of the layer */
  #views = new Map();

  #description;
  #stage;
  #cell;
  #strongest = make('canvas');
  #body = make('div', '', 'stage-body');

  /** @param {Description} description @param {StageDescription} stage @param {Cell} cell the panel, which is moved to the chosen cell */
  constructor(description, stage, cell) {
    this.#description = description;
    this.#stage = stage;
    this.#cell = cell;
    const last = /** @type {import('../engine/cnn.js').Row} */ (description.table?.find(({ name }) => name === stage.layers[stage.layers.length - 1]));
    const words = make('div', '', 'stage-words');
    const field = `${last.receptive_field}×${last.receptive_field}`;
    const heading = make('h3', stage.name);
    const codes = make('code', stage.layers.join(' '));
    const about = make('p', `At its end, a number sees ${field} pixels: room for ${stage.fits}.`);
    words.append(heading, codes, about);
    const { width, height } = new Grid(COLUMNS, last.out_size, COLUMNS); // as it will be, so that nothing moves when it is painted
    Object.assign(this.#strongest, { width, height });
    this.#strongest.setAttribute('role', 'img');
    this.#strongest.setAttribute('aria-label', `The ${Math.min(COLUMNS, last.out_channels)} strongest maps of the stage ${stage.name}`);
    const summary = make('summary');
    summary.append(words, this.#strongest);
    this.root.append(summary, this.#body);
    this.root.addEventListener('toggle', () => this.#opened());
  }

  /** The first step, a convolution. */
  get first() {
    return this.#stage.layers[0];
  }

  /** Whether there is such a cell in the maps of the stage. @param {ChosenCell} cell */
  has({ name, map, row, column }) {
    const line = this.#description.table?.find((each) => each.name === name);
    if (!line || !this.#stage.layers.includes(name) || !this.#description.layers.some((layer) => layer.name === name)) return false;
    return map < line.out_channels && row < line.out_size && column < line.out_size;
  }

  /** @param {Answered} reading */
  show(reading) {
    this.#reading = reading;
    const last = this.#stage.layers[this.#stage.layers.length - 1];
    const maps = mapsOf(reading, last);
    const cells = maps.size ** 2;
    const shown = strongest(reading, last).slice(0, COLUMNS);
    const data = new Float32Array(shown.length * cells);
    shown.forEach((map, place) => data.set(mapOf(maps, map), place * cells));
    paintMaps(this.#strongest, data, maps.size, COLUMNS);
    if (this.root.open) this.#showSteps(reading);
  }

  choiceChanged() {
    if (this.root.open && this.#reading) this.#showCell(this.#reading, chosenCell());
  }

  #opened() {
    this.#choosing = this.root.open;
    if (this.root.open && this.#reading) this.#showSteps(this.#reading);
  }

  /** @param {Answered} reading */
  #showSteps(reading) {
    if (!this.#views.size) this.#makeSteps(reading);
    if (this.#choosing) {
      this.#choosing = false;
      if (!this.#holds(chosenCell())) chooseCell({ name: this.first, ...strongestCell(mapsOf(reading, this.first)) });
    }
    for (const [name, view] of this.#views) view.show(mapsOf(reading, name));
    this.#showCell(reading, chosenCell());
  }

  /** @param {Answered} reading @param {ChosenCell | null} cell */
  #showCell(reading, cell) {
    for (const [name, view] of this.#views) view.outline(cell?.name === name ? cell : null);
    if (!cell || !this.#holds(cell) || !this.#views.size) return;
    if (this.#cell.root.parentElement !== this.#body) this.#body.append(this.#cell.root);
    this.#cell.show(reading, cell, largest(mapsOf(reading, cell.name).data));
  }

  /** @param {ChosenCell | null} cell */
  #holds(cell) {
    return cell !== null && this.has(cell);
  }

  /** @param {Answered} reading */
  #makeSteps(reading) {
    const steps = make('ol', '', 'stage-steps inside-layers');
    steps.append(...this.#stage.layers.map((name) => this.#makeStep(reading, name)));
    this.#body.append(steps);
  }

  /** @param {Answered} reading @param {string} name of a layer */
  #makeStep(reading, name) {
    const { name: title, about } = stepOf(this.#description, name);
    const item = make('li');
    const heading = make('h4', title);
    heading.append(' ', make('code', name));
    const maps = reading.digit.result.activations.get(name);
    item.append(heading, make('p', maps ? about : `${about} ${MERGED}`));
    if (!maps) return item;
    heading.append(make('span', `${maps.channels} maps of ${maps.size}×${maps.size}`));
    const view = new MapView(
      { count: maps.channels, size: maps.size, columns: COLUMNS, label: `Maps of ${name}` },
      {
        onPoint: (cell) => {
          if (this.#reading) this.#preview(this.#reading, cell && { name, ...cell });
        },
        onChoose: (cell) => chooseCell({ name, ...cell }),
      },
    );
    view.canvas.dataset.layer = name;
    this.#views.set(name, view);
    item.append(view.element);
    return item;
  }

  /** What the mouse is at, until it leaves; then the chosen cell. @param {Answered} reading @param {ChosenCell | null} cell */
  #preview(reading, cell) {
    const shown = cell ?? chosenCell();
    if (shown && this.#holds(shown)) this.#cell.show(reading, shown, largest(mapsOf(reading, shown.name).data));
  }
}

/** What a layer does, in words. @param {Description} description @param {string} name of the layer */
export function stepOf({ steps = {} }, name) {
  return steps[name.replace(/\d+$/, '')];
}
