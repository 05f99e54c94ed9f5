/**
 * A part of the page that is kept up to date while it is in view.
 * In:  readings.
 * Out: calls of `show`, at once when the part is in view, else as soon as it comes into view, or the page is printed. The first
 *      call does not wait for that: a part that was filled as it came into view would push away what the visitor scrolled to.
 */

/** @typedef {import('./inside.js').Answered} Answered */

export class Part {
  /** @type {Answered | null} the latest that the part is to show */
  #reading = null;
  #stale = false;
  #inView = false;
  /** Whether its tab is open. */
  #laidOut = false;
  /** Whether it has been shown once. */
  #filled = false;

  #show;
  #live;
  #observer;
  #sizes;
  /** @type {() => void} */
  #print;

  /**
   * @param {Element} element
   * @param {(reading: Answered, occasion: {printed: boolean}) => void} show printed: all of it at once
   * @param {{live?: boolean}} [settings] live: also while the pen moves
   */
  constructor(element, show, { live = false } = {}) {
    this.#show = show;
    this.#live = live;
    this.#observer = new IntersectionObserver((entries) => {
      this.#inView = entries[entries.length - 1].isIntersecting;
      this.#render();
    });
    this.#observer.observe(element);
    this.#sizes = new ResizeObserver(() => {
      this.#laidOut = element.checkVisibility();
      setTimeout(() => this.#render()); // what is in view comes first
    });
    this.#sizes.observe(element);
    this.#print = () => this.#render({ printed: element.checkVisibility() });
    addEventListener('beforeprint', this.#print);
  }

  /** The element is no longer on the page. */
  end() {
    this.#observer.disconnect();
    this.#sizes.disconnect();
    removeEventListener('beforeprint', this.#print);
    this.#reading = null;
  }

  /** @param {Answered} reading */
  offer(reading) {
    if (!reading.ended && !this.#live) return;
    this.#reading = reading;
    this.refresh();
  }

  /** Show the latest reading again. */
  refresh() {
    this.#stale = true;
    this.#render();
  }

  #render({ printed = false } = {}) {
    const due = this.#stale && (this.#inView || (this.#laidOut && !this.#filled));
    if (!(due || printed) || !this.#reading) return;
    this.#stale = false;
    this.#filled = true;
    this.#sizes.disconnect();
    this.#show(this.#reading, { printed });
  }
}
