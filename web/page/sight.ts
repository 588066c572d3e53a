/**
 * Which parts of the page are in view. What is out of view is not even rendered: its words would be laid out at every
 * step of a drag, for nobody. On paper there is no view, and all of it is.
 */
export class Sight {
  readonly #seen = new Set<Element>();
  readonly #observer: IntersectionObserver;
  readonly #parts = new Map<string, Element>();
  readonly #kept = new Map<string, unknown>();
  readonly #print: (event: Event) => void;
  /** Whether the page goes to paper. */
  onPaper = false;

  /**
   * @param changed called when a part comes into view or leaves it
   * @param now renders at once: a browser waits for nothing before it prints
   */
  constructor(changed: (inView: boolean) => void, now: () => void) {
    this.#print = ({ type }) => {
      this.onPaper = type === 'beforeprint';
      now();
    };
    this.#observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (isIntersecting === this.#seen.has(target)) continue;
          if (isIntersecting) this.#seen.add(target);
          else this.#seen.delete(target);
          changed(isIntersecting);
        }
      },
      { rootMargin: '60px 0px' },
    );
  }

  start(): void {
    for (const type of ['beforeprint', 'afterprint']) addEventListener(type, this.#print);
  }

  /** Watches a part, found once by what selects it within `root`. */
  watch(root: Element, selector: string): void {
    if (this.#parts.get(selector)?.isConnected) return;
    const part = root.querySelector(selector);
    if (!part) return;
    this.#parts.set(selector, part);
    this.#observer.observe(part);
  }

  stop(): void {
    for (const type of ['beforeprint', 'afterprint']) removeEventListener(type, this.#print);
    this.#observer.disconnect();
    this.#parts.clear();
    this.#seen.clear();
  }

  /** What `render` makes while the part is in view, and what it made last while it is not. */
  render<T>(selector: string, render: () => T): T {
    const part = this.#parts.get(selector);
    if (!this.onPaper && part?.isConnected && !this.#seen.has(part) && this.#kept.has(selector))
      return this.#kept.get(selector) as T;
    const made = render();
    this.#kept.set(selector, made);
    return made;
  }
}
