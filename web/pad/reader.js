/**
 * Pictures are read beside the page.
 * In:  a picture.
 * Out: its digits, later; nothing if another picture has taken its place.
 */

import { readPicture } from '../engine/predict.js';

/** @typedef {import('../engine/cnn.js').Network} Network */
/** @typedef {import('../engine/raster.js').Picture} Picture */
/** @typedef {import('./worker.js').Reply} Reply */
/** @typedef {import('./worker.js').Seen} Seen */

export class Reader {
  /** @type {Worker | null} */
  #worker = null;
  /** @type {(() => void) | null} ends the reading that is going on */
  #cancel = null;
  #urls;

  /** @param {{description: string, weights: string}} urls of the exported network */
  constructor({ description, weights }) {
    const absolute = (/** @type {string} */ url) => new URL(url, document.baseURI).href; // a worker has a base of its own
    this.#urls = { description: absolute(description), weights: absolute(weights) };
  }

  /** The digits of a picture; null when `stop` was called or another picture came. @param {Network} network @param {Picture} picture @returns {Promise<Seen[] | null>} */
  async read(network, picture) {
    this.stop();
    try {
      return await this.#ask(picture);
    } catch {
      return readPicture(network, picture); // no worker in this browser: the page stands still meanwhile
    }
  }

  /** The picture is no longer wanted. */
  stop() {
    this.#cancel?.();
  }

  /** @param {Picture} picture @returns {Promise<Seen[] | null>} */
  #ask(picture) {
    const worker = (this.#worker ??= new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }));
    return new Promise((resolve, reject) => {
      const end = () => {
        worker.onmessage = worker.onerror = this.#cancel = null;
      };
      const drop = () => {
        end();
        worker.terminate();
        this.#worker = null;
      };
      this.#cancel = () => {
        drop();
        resolve(null);
      };
      worker.onmessage = ({ data }) => {
        const reply = /** @type {Reply} */ (data);
        end();
        if ('digits' in reply) resolve(reply.digits);
        else reject(new Error(reply.error));
      };
      worker.onerror = () => {
        drop();
        reject(new Error('the worker does not start'));
      };
      worker.postMessage({ urls: this.#urls, picture });
    });
  }
}
