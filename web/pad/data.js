/**
 * What parts of the page load once they are opened: arrays, as `mnist_cnn/packed.py` writes them.
 * In:  the name of a packed file.
 * Out: its description and its arrays.
 */

/** @typedef {Uint8Array | Int8Array | Int16Array | Float32Array} TypedArray */
/** @typedef {{about: any, arrays: Record<string, {shape: number[], values: TypedArray}>}} Packed */
/** @typedef {(name: string) => Promise<string>} Source  the file in base64; empty when there is none */

const KINDS = { uint8: Uint8Array, int8: Int8Array, int16: Int16Array, float32: Float32Array };
const MISSING = 'This part needs data that could not be loaded. Check the connection, then open it again.';

/** @type {Source} */
let source = fromScript;
/** @type {Map<string, Promise<Packed>>} */
const loaded = new Map();

/** Where the files come from; by default from scripts in the folder `play/` beside the page. @param {Source} load */
export function setSource(load) {
  source = load;
}

/** What to say when a part of the page does not open: a browser's own words, of a module that it cannot load, help nobody. @param {unknown} error */
export function sentenceOf(error) {
  console.error(error);
  return error instanceof Error && !(error instanceof TypeError) ? error.message : MISSING;
}

/** The packed file, which is loaded once. @param {string} name @returns {Promise<Packed>} rejects with a sentence when it cannot be loaded */
export function dataOf(name) {
  let found = loaded.get(name);
  if (!found) {
    found = source(name).then(unpack).catch((error) => {
      loaded.delete(name); // so that it can be tried again
      console.error(error);
      throw new Error(MISSING);
    });
    loaded.set(name, found);
  }
  return found;
}

/** @param {string} base64 @returns {Promise<Packed>} */
async function unpack(base64) {
  const compressed = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream('gzip'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let start = bytes.indexOf(10) + 1; // the first line is the head
  const { about, arrays } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, start)));
  /** @type {Packed['arrays']} */
  const found = {};
  for (const [name, { dtype, shape }] of Object.entries(arrays)) {
    const Kind = KINDS[/** @type {keyof typeof KINDS} */ (dtype)];
    const count = shape.reduce((/** @type {number} */ product, /** @type {number} */ size) => product * size, 1);
    const size = Kind.BYTES_PER_ELEMENT;
    const whole = new Uint8Array(count * size);
    for (let place = 0; place < size; place += 1) {
      for (let i = 0; i < count; i += 1) whole[i * size + place] = bytes[start + place * count + i];
    }
    found[name] = { shape, values: new Kind(whole.buffer) };
    start += count * size;
  }
  return { about, arrays: found };
}

/** @type {Map<string, (base64: string) => void>} */
const awaited = new Map();

/** A page opened from a disk may load scripts, but nothing else. @param {string} name @returns {Promise<string>} */
function fromScript(name) {
  /** @type {any} */ (window).takeData = (/** @type {string} */ given, /** @type {string} */ base64) => awaited.get(given)?.(base64);
  return new Promise((resolve, reject) => {
    awaited.set(name, resolve);
    const script = document.createElement('script');
    script.src = `play/${name}.js`;
    script.onerror = () => reject(new Error(`${script.src} is missing`));
    script.onload = () => script.remove();
    document.head.append(script);
  });
}
