/**
 * Elements of the page.
 * In:  selectors, tags, places in shares.
 * Out: elements found, made and placed.
 */

/**
 * The element that a template is sure to hold.
 * @template {Element} T
 * @param {Element} root
 * @param {string} selector
 * @param {new () => T} kind the class it must have; throws when there is no such element
 * @returns {T}
 */
export function find(root, selector, kind) {
  const element = root.querySelector(selector);
  if (!(element instanceof kind)) throw new Error(`The page has no ${selector}.`);
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [text]
 * @param {string} [className]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, text = '', className = '') {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

/** A button that submits nothing. @param {string} [text] @param {string} [className] */
export function makeButton(text = '', className = '') {
  const button = make('button', text, className);
  button.type = 'button';
  return button;
}

/** @param {string} name of an SVG element @param {Record<string, string | number>} attributes @param {string} [text] @returns {SVGElement} */
export function makeSvg(name, attributes, text = '') {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.textContent = text;
  return element;
}

/** Have exactly `count` children, made by `create` where some are missing. @param {Element} parent @param {number} count @param {() => Element} create */
export function keepChildren(parent, count, create) {
  while (parent.children.length > count) parent.lastElementChild?.remove();
  while (parent.children.length < count) parent.append(create());
}

/**
 * Place an absolutely positioned element.
 * @param {HTMLElement} element
 * @param {{left: number, top: number, right: number, bottom: number}} box in fractions of its parent's sides
 */
export function placeAt({ style }, { left, top, right, bottom }) {
  const share = (/** @type {number} */ value) => `${100 * value}%`;
  Object.assign(style, { left: share(left), top: share(top), width: share(right - left), height: share(bottom - top) });
}
