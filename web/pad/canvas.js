/**
 * Numbers to pixels.
 * In:  grey levels, or a colour for every pixel.
 * Out: a canvas that shows them.
 */

/** @param {number} width @param {number} height in pixels */
export function newCanvas(width, height) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  return canvas;
}

/** @param {HTMLCanvasElement} canvas @param {CanvasRenderingContext2DSettings} [settings] */
export function contextOf(canvas, settings) {
  const context = canvas.getContext('2d', settings);
  if (!context) throw new Error('This browser cannot draw on a canvas.');
  return context;
}

/**
 * Call `listener` when the page is zoomed or comes to a screen of another density. Sizes in CSS pixels may stay as they are then, so
 * that nothing else tells. It may be called once too often.
 * @param {() => void} listener
 */
export function onPixelRatio(listener) {
  const wait = () => {
    const here = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    here.addEventListener('change', () => { wait(); listener(); }, { once: true });
  };
  wait();
  window.addEventListener('resize', listener); // Safari before 16 does not know the query
}

/**
 * Fill a canvas pixel by pixel.
 * @param {HTMLCanvasElement} canvas is given the size of the image
 * @param {number} width @param {number} height
 * @param {(i: number) => ArrayLike<number>} colour red, green, blue and alpha, 0…255, of pixel `i`, row by row
 */
export function paintPixels(canvas, width, height, colour) {
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const context = contextOf(canvas);
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i += 1) image.data.set(colour(i), 4 * i);
  context.putImageData(image, 0, 0);
}

/**
 * Grey levels, 0 black and 255 white.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} levels row by row
 * @param {number} width
 */
export function paintLevels(canvas, levels, width) {
  paintPixels(canvas, width, levels.length / width, (i) => [levels[i], levels[i], levels[i], 255]);
}
