/**
 * Which parts of the page are in view. What is out of view is not even rendered: its words would be laid out at every
 * step of a drag, for nobody.
 */
export class Sight {
  readonly #seen = new Set<Element>();
  readonly #observer: IntersectionObserver;
  readonly #kept = new Map<string, unknown>();

  /** @param changed called when a part comes into view or leaves it */
  constructor(changed: (part: Element, inView: boolean) => void) {
    this.#observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (isIntersecting === this.#seen.has(target)) continue;
          if (isIntersecting) this.#seen.add(target);
          else this.#seen.delete(target);
          changed(target, isIntersecting);
        }
      },
      { rootMargin: '60px 0px' },
    );
  }

  watch(part: Element): void {
    this.#observer.observe(part);
  }

  stop(): void {
    this.#observer.disconnect();
    this.#seen.clear();
  }

  /** What `render` makes while `part` is in view, and what it made last while it is not. */
  render<T>(name: string, part: Element | null, render: () => T): T {
    if (part && !this.#seen.has(part) && this.#kept.has(name)) return this.#kept.get(name) as T;
    const made = render();
    this.#kept.set(name, made);
    return made;
  }
}
