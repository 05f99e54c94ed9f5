/**
 * The first script of a page or tab, written into the HTML so that it can report modules that fail to load.
 * @param {ParentNode} place of the part
 * @param {string} folder of the modules; '' where the page's import map has them
 * @param {string[]} modules
 * @param {(...modules: any[]) => unknown} mount gets what the modules export; may return a promise
 * @param {string} hints selector of the texts within `place` that are shown until then
 */
export async function start(place, folder, modules, mount, hints) {
  try {
    const addresses = modules.map((name) => (folder ? new URL(`${folder}/${name}`, document.baseURI).href : name));
    await mount(...(await Promise.all(addresses.map((address) => import(address)))));
  } catch (error) {
    for (const hint of place.querySelectorAll(hints)) {
      hint.textContent = 'This could not be loaded. Reload the page; if that does not help, try a newer browser.';
    }
    console.error(error);
  }
}
