/**
 * Every map of a network after its ReLUs, as tiles that can be switched off.
 * In:  maps; clicks and keys.
 * Out: a button with a map each, row by row from the first stage to the last.
 */

import { switchable } from '../engine/ablation.js';
import { largest, paintMaps } from '../inside/colours.js';
import { mapOf } from '../inside/maps.js';
import { find, make, makeButton } from '../pad/dom.js';

/** @typedef {import('../engine/cnn.js').Maps} Maps */
/** @typedef {import('../engine/cnn.js').Result} Result */
/** @typedef {import('../engine/ablation.js').Off} Off */
/** @typedef {{layer: string, channel: number}} Channel */

/** More tiles than this stand in two equal lines where there is room. */
const IN_LINE = 16;

export class Wall {
  element = make('div', '', 'wall');
  /** The tile that the keys move from, which was last clicked or come to. @type {Channel | null} */
  current = null;

  /** @type {Map<string, HTMLButtonElement[]>} */
  #tiles = new Map();
  /** @type {Map<string, string>} */
  #stages = new Map();
  #onPress;
  #onCurrent;

  /** @param {(channel: Channel) => void} onPress @param {() => void} onCurrent another tile is the current one */
  constructor(onPress, onCurrent) {
    this.#onPress = onPress;
    this.#onCurrent = onCurrent;
    this.element.addEventListener('keydown', (event) => this.#move(event));
  }

  /** Make the tiles. @param {import('../engine/cnn.js').Description} description */
  mount(description) {
    this.#tiles.clear();
    this.current = null;
    const rows = [...switchable(description)].map(([layer, channels]) => {
      const stage = description.stages?.find(({ layers }) => layers.includes(layer))?.name ?? layer;
      this.#stages.set(layer, stage);
      const row = make('div', '', 'wall-row');
      row.setAttribute('role', 'group');
      row.setAttribute('aria-label', stage);
      row.style.setProperty('--columns', String(channels > IN_LINE ? Math.ceil(channels / 2) : channels));
      const tiles = Array.from({ length: channels }, (_, channel) => this.#makeTile({ layer, channel }));
      this.#tiles.set(layer, tiles);
      row.append(...tiles);
      const title = make('p', stage, 'wall-title');
      title.append(make('span', `${channels} channels`));
      const part = make('div');
      part.append(title, row);
      return part;
    });
    this.element.replaceChildren(...rows);
    const [first] = this.#all();
    if (first) first.tabIndex = 0;
  }

  /** Paint the maps, each layer in the colours that it has with nothing off. @param {Result} result @param {Result} whole @param {Off} off */
  show(result, whole, off) {
    for (const [layer, tiles] of this.#tiles) {
      const maps = /** @type {Maps} */ (result.activations.get(layer));
      const most = largest(/** @type {Maps} */ (whole.activations.get(layer)).data);
      tiles.forEach((tile, channel) => {
        const isOff = off.get(layer)?.has(channel) ?? false;
        tile.setAttribute('aria-pressed', String(isOff));
        if (!isOff) paintMaps(find(tile, 'canvas', HTMLCanvasElement), mapOf(maps, channel), maps.size, 1, most);
      });
    }
  }

  /** Number the tiles, the first of `channels` with 1; none are numbered without it. @param {Channel[]} [channels] */
  rank(channels = []) {
    for (const tile of this.#all()) delete tile.dataset.rank;
    channels.forEach(({ layer, channel }, i) => {
      const tile = this.#tiles.get(layer)?.[channel];
      if (tile) tile.dataset.rank = String(i + 1);
    });
  }

  /** In words, such as “channel 4 of Edges”. @param {Channel} channel */
  nameOf({ layer, channel }) {
    return `channel ${channel + 1} of ${this.#stages.get(layer)}`;
  }

  /** The layers, from the first to the last. */
  get layers() {
    return this.#tiles.keys();
  }

  /** Make a tile the one that the keys move from. @param {Channel} channel */
  choose(channel) {
    this.current = channel;
    for (const tile of this.#all()) tile.tabIndex = -1;
    const tile = this.#tiles.get(channel.layer)?.[channel.channel];
    if (tile) tile.tabIndex = 0;
    this.#onCurrent();
  }

  /** @param {Channel} channel */
  #makeTile(channel) {
    const tile = makeButton('', 'wall-tile');
    tile.tabIndex = -1;
    tile.setAttribute('aria-label', `Switch off ${this.nameOf(channel)}`);
    tile.title = this.nameOf(channel).replace('c', 'C');
    tile.append(make('canvas'));
    tile.addEventListener('focus', () => this.choose(channel));
    tile.addEventListener('click', () => {
      this.choose(channel); // Safari does not give the focus to what is clicked
      this.#onPress(channel);
    });
    return tile;
  }

  #all() {
    return [...this.#tiles.values()].flat();
  }

  /** The arrow keys go to the tile beside, above or below. @param {KeyboardEvent} event */
  #move(event) {
    const from = /** @type {HTMLButtonElement} */ (event.target);
    const tiles = this.#all();
    const place = tiles.indexOf(from);
    if (place < 0) return;
    const to = { ArrowLeft: tiles[place - 1], ArrowRight: tiles[place + 1], Home: tiles[0], End: tiles[tiles.length - 1] }[event.key] ??
      (event.key === 'ArrowUp' || event.key === 'ArrowDown' ? this.#inNextLine(from, event.key === 'ArrowUp' ? -1 : 1) : undefined);
    if (!to) return;
    event.preventDefault();
    to.focus();
  }

  /** The tile nearest to `from` in the line above or below, as they stand on the screen. @param {HTMLElement} from @param {number} down −1 or 1 */
  #inNextLine(from, down) {
    const here = from.getBoundingClientRect();
    const others = this.#all().map((tile) => ({ tile, box: tile.getBoundingClientRect() }));
    const beyond = others.filter(({ box }) => down * (box.top - here.top) > 1);
    const line = Math.min(...beyond.map(({ box }) => Math.abs(box.top - here.top)));
    const near = beyond.filter(({ box }) => Math.abs(box.top - here.top) < line + 1);
    return near.sort((a, b) => Math.abs(a.box.left - here.left) - Math.abs(b.box.left - here.left))[0]?.tile;
  }
}
