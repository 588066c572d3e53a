import type { TiltLabError } from '../scenario/error.js';
import type { Scenario } from '../scenario/scenario.js';
import { OpenedLink } from './opened-link.js';
import { Owing } from './owing.js';

/** Milliseconds without a change after which a hand rests. */
const rest = 200;

/**
 * The page's address: it opens what the address says, and writes what is shown to it. Its entries in the browser's history
 * are the editor's undo. Only a page has one; an embed's address belongs to the page around it.
 */
export class Address extends OpenedLink {
  readonly #owing = new Owing();
  #resting = 0;

  /** The link to what is shown, from its `#` on. */
  get link(): string {
    const { shown, linkOf } = this.session;
    return shown ? linkOf(shown) : location.hash;
  }

  get canUndo(): boolean {
    return this.#owing.canUndo;
  }

  get canRedo(): boolean {
    return this.#owing.canRedo;
  }

  undo(): void {
    if (this.canUndo) history.back();
  }

  redo(): void {
    if (this.canRedo) history.forward();
  }

  override async open(hash: string, others: readonly TiltLabError[] = []): Promise<void> {
    clearTimeout(this.#resting);
    const { entry } = (history.state || {}) as { entry?: number };
    this.#owing.open(entry ?? 0);
    await super.open(hash, others);
  }

  override changed(scenario: Scenario, released: boolean, step: string): void {
    super.changed(scenario, released, step);
    this.#owing.change(scenario, released, step, performance.now());
  }

  answered(scenario: Scenario): void {
    const due = this.#owing.answer(scenario);
    if (!due) return;
    clearTimeout(this.#resting);
    if (due === 'now') this.#write();
    else this.#resting = window.setTimeout(() => this.#write(), rest);
  }

  dropped(scenario: Scenario): void {
    this.#owing.drop(scenario);
  }

  /** How it is looked at is no step that one would go back. */
  turned(): void {
    // What is to be written anyway says it too, and as an entry of its own: this one is still the step before.
    if (this.#owing.owes === 'rest') return;
    const { entry } = (history.state || {}) as { entry?: number };
    this.#put('replaceState', entry ?? 0);
  }

  #write() {
    const { entry, isNew } = this.#owing.write();
    this.#put(isNew ? 'pushState' : 'replaceState', entry);
  }

  #put(how: 'pushState' | 'replaceState', entry: number) {
    try {
      history[how]({ entry }, '', this.link);
    } catch {
      // A sandboxed frame has no address of its own to write to.
    }
  }
}
