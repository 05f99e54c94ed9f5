/**
 * Pictures are decoded and read beside the page.
 * In:  an image file, or a picture.
 * Out: its pixels, or its digits, later; nothing if another picture has taken its place.
 */

import { readPicture } from '../engine/predict.js';
import { decode, refuseNoise } from './decode.js';
import { workerUrl } from './workers.js';

/** @typedef {import('../engine/cnn.js').Network} Network */
/** @typedef {import('../engine/raster.js').Picture} Picture */
/** @typedef {import('./pixels.js').Pixels} Pixels */
/** @typedef {import('./worker.js').Answered} Answered */
/** @typedef {import('./worker.js').Question} Question */
/** @typedef {import('./worker.js').Reply} Reply */
/** @typedef {import('./worker.js').Seen} Seen */

export class Reader {
  /** @type {Worker | null} */
  #worker = null;
  /** @type {(() => void) | null} ends the reading that is going on */
  #cancel = null;
  #urls = { description: '', weights: '' };

  /** Where the exported network lies, with which pictures are read from now on. @param {{description: string, weights: string}} urls */
  useNetwork({ description, weights }) {
    const absolute = (/** @type {string} */ url) => new URL(url, document.baseURI).href; // a worker has a base of its own
    this.#urls = { description: absolute(description), weights: absolute(weights) };
  }

  /** The digits of a picture; null when `stop` was called or another picture came. @param {Network} network @param {Picture} picture @returns {Promise<Seen[] | null>} */
  async read(network, picture) {
    this.stop();
    try {
      const reply = await this.#ask({ urls: this.#urls, picture });
      return reply && 'digits' in reply ? reply.digits : null;
    } catch {
      return readPicture(network, picture); // no worker in this browser: the page stands still meanwhile
    }
  }

  /** The pixels of an image file; null when `stop` was called or another picture came. @param {Blob} file @returns {Promise<Pixels | null>} rejects as `decode` does */
  async decode(file) {
    this.stop();
    refuseNoise(); // the page and a worker may be protected differently
    try {
      const reply = await this.#ask({ file });
      return reply && 'pixels' in reply ? reply.pixels : null;
    } catch {
      return decode(file); // no worker, or one without canvases; otherwise it says again what is wrong with the file
    }
  }

  /** The picture is no longer wanted. */
  stop() {
    this.#cancel?.();
  }

  /** @param {Question} question @returns {Promise<Answered | null>} */
  #ask(question) {
    const worker = (this.#worker ??= new Worker(workerUrl('pad/worker.js'), { type: 'module' }));
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
        if ('error' in reply) reject(new Error(reply.error));
        else resolve(reply);
      };
      worker.onerror = () => {
        drop();
        reject(new Error('the worker does not start'));
      };
      worker.postMessage(question);
    });
  }
}
