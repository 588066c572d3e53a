/** What a part speaks of whose words were taken back. */
const gone = Symbol('gone');

/**
 * Which parts of the page are in view. What is out of view is not even rendered: its words would be laid out at every
 * step of a drag, for nobody. On paper there is no view, and all of it is.
 */
export class Sight {
  readonly #seen = new Set<Element>();
  readonly #observer: IntersectionObserver;
  readonly #parts = new Map<string, Element>();
  readonly #kept = new Map<string, { made: unknown; of: unknown }>();
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

  /**
   * What `render` makes while the part is in view. While it is not: what it made last, until there is something else to
   * say; from then on its words are gone and their room is kept.
   * @param of what the part speaks of
   * @param render is given the height to keep where nothing is to be said, and null where the part speaks
   */
  render<T>(selector: string, of: unknown, render: (room: number | null) => T): T {
    const part = this.#parts.get(selector) as HTMLElement | undefined;
    const kept = this.#kept.get(selector);
    const isAway =
      !this.onPaper && part?.isConnected && !this.#seen.has(part) && !part.contains(document.activeElement) && kept;
    if (isAway && (kept.of === of || kept.of === gone)) return kept.made as T;
    const made = render(isAway ? part.offsetHeight : null);
    this.#kept.set(selector, { made, of: isAway ? gone : of });
    return made;
  }
}
