/**
 * Where the modules lie that run beside the page.
 * In:  the path of a module in `web/`.
 * Out: its address, for `new Worker`.
 */

/** The page in one file makes the address; else the worker is a file beside the others. @param {string} name such as `pad/worker.js` */
export const workerUrl = (name) =>
  /** @type {{makeWorkerUrl?: (name: string) => string}} */ (window).makeWorkerUrl?.(name) ?? new URL(`../${name}`, import.meta.url).href;
