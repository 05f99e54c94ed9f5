/**
 * Pixels -> a PNG file, without a canvas: browsers that protect their visitors give noise instead of a canvas's pixels.
 * In:  grey levels or colours.
 * Out: the bytes of the file. No document is needed: it runs in Node too. Source: https://www.w3.org/TR/png-3/
 */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
/** 8 bits per channel, red, green and blue; deflate, filters by row, not interlaced. */
const HEADER_END = [8, 2, 0, 0, 0];

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, number) => {
  let value = number;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** @param {Uint8Array} rgb row by row, three bytes per pixel @param {number} width @param {number} height @returns {Promise<Blob>} */
export async function png(rgb, width, height) {
  const rows = new Uint8Array(height * (3 * width + 1)); // each begins with its filter: 0, none
  for (let y = 0; y < height; y += 1) rows.set(rgb.subarray(3 * width * y, 3 * width * (y + 1)), y * (3 * width + 1) + 1);
  const compressed = new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate')); // in zlib's format, as PNG wants it
  const data = new Uint8Array(await new Response(compressed).arrayBuffer());
  const header = new Uint8Array([...bytesOf(width), ...bytesOf(height), ...HEADER_END]);
  const parts = [new Uint8Array(SIGNATURE), chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array())];
  return new Blob(parts, { type: 'image/png' });
}

/** Length, name, data and checksum. @param {string} name @param {Uint8Array} data */
function chunk(name, data) {
  const whole = new Uint8Array(data.length + 12);
  whole.set(bytesOf(data.length));
  whole.set(Array.from(name, (letter) => letter.charCodeAt(0)), 4);
  whole.set(data, 8);
  whole.set(bytesOf(crc(whole.subarray(4, data.length + 8))), data.length + 8);
  return whole;
}

/** The most significant byte first. @param {number} value @returns {number[]} */
function bytesOf(value) {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

/** @param {Uint8Array} data */
function crc(data) {
  let value = 0xffffffff;
  for (const byte of data) value = CRC_TABLE[(value ^ byte) & 255] ^ (value >>> 8);
  return ~value;
}
