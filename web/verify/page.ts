import { html, LitElement, type TemplateResult } from 'lit';
import expected from '../generated/digests.js';
import { siteNav } from '../page/site-nav.js';
import { plural } from '../words/format.js';
import { browserName } from './browser-name.js';
import { groupDigest, wholeDigest } from './digest.js';
import type { Reply } from './protocol.js';
import { type Check, type Group, groups } from './scenarios.js';

const total = groups.reduce((sum, { checks }) => sum + checks.length, 0);

type State =
  | { name: 'idle' | 'running' | 'cancelled' | 'done' }
  /** The engine did not run to its end. */
  | { name: 'failed'; why: string };

/** Scenarios of a group whose digest is not the one of the build. */
const differing = (group: number, found: readonly string[]): number[] =>
  found.flatMap((digest, i) => (digest === expected.digests[group]?.[i] ? [] : [i]));

/** Computes the list of scenarios in the reader's browser and compares the digests with those of the build. */
export class VerifyElement extends LitElement {
  static override properties = {
    state: { state: true },
    found: { state: true },
    engine: { state: true },
    said: { state: true },
  };
  declare private state: State;
  /** Digests so far, by group. */
  declare private found: string[][];
  declare private engine: string;
  declare private said: string;
  #worker: Worker | null = null;
  readonly #browser = browserName(navigator.userAgent);

  constructor() {
    super();
    this.state = { name: 'idle' };
    this.found = groups.map(() => []);
    this.engine = expected.engine;
    this.said = '';
  }

  protected override createRenderRoot() {
    return this;
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#stop();
  }

  #stop() {
    this.#worker?.terminate();
    this.#worker = null;
  }

  #start() {
    this.#stop();
    this.found = groups.map(() => []);
    this.said = '';
    this.state = { name: 'running' };
    const fail = (why: string) => {
      this.#stop();
      this.state = { name: 'failed', why };
    };
    try {
      const worker = new Worker(new URL('./computing.ts', import.meta.url), { type: 'module' });
      this.#worker = worker;
      worker.onmessage = ({ data }: MessageEvent<Reply>) => {
        if (this.#worker === worker) this.#take(data, fail);
      };
      worker.onerror = ({ message }) => fail(message || 'the worker did not start');
    } catch (error) {
      fail(String(error));
    }
  }

  #take(reply: Reply, fail: (why: string) => void) {
    switch (reply.type) {
      case 'begun':
        this.engine = reply.engine;
        return;
      case 'check':
        this.found = this.found.map((each, group) => (group === reply.group ? [...each, reply.digest] : each));
        return;
      case 'done':
        this.#stop();
        this.state = { name: 'done' };
        return;
      case 'error':
        fail(reply.message);
        return;
      default:
        reply satisfies never;
    }
  }

  #cancel() {
    this.#stop();
    this.state = { name: 'cancelled' };
  }

  /** What a report of a fault has to say. */
  #report(): string {
    const lines = groups.flatMap(({ name }, group) => {
      const each = this.found[group] ?? [];
      const wrong = differing(group, each);
      return wrong.length === 0
        ? []
        : [`${name}: ${wrong.length} of ${each.length} differ, the first is no. ${(wrong[0] ?? 0) + 1}`];
    });
    return [
      `Tilt Lab, engine ${this.engine}; built with engine ${expected.engine}`,
      `digest here ${wholeDigest(this.found)}`,
      `digest at build time ${wholeDigest(expected.digests)}`,
      ...lines,
      navigator.userAgent,
    ].join('\n');
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#report());
      this.said = 'Copied';
    } catch {
      this.said = 'Select the text and copy it by hand';
    }
  }

  #answer(): TemplateResult {
    const { state } = this;
    const done = this.found.reduce((sum, each) => sum + each.length, 0);
    switch (state.name) {
      case 'idle':
        return html`${total} scenarios take a few seconds here, in ${this.#browser}.`;
      case 'running':
        return html`${this.#browser} computes.`;
      case 'cancelled':
        return html`Cancelled after ${done} of ${total} ${plural(total, 'scenario')}.`;
      case 'failed':
        return html`<b>The engine did not run to its end</b> in ${this.#browser}: ${state.why}.`;
      case 'done': {
        const wrong = this.found.reduce((sum, each, group) => sum + differing(group, each).length, 0);
        return wrong === 0
          ? html`<b>The same bits.</b> All ${total} scenarios give in ${this.#browser} what they gave at build time, by engine\u00a0${this.engine}.`
          : html`<b>Not the same bits.</b> ${wrong} of ${total} scenarios ${wrong === 1 ? 'gives' : 'give'} in ${this.#browser} something else than at build time.`;
      }
      default:
        return state satisfies never;
    }
  }

  #progress(): TemplateResult {
    const done = this.found.reduce((sum, each) => sum + each.length, 0);
    return html`<progress max=${total} .value=${done} aria-label="Scenarios computed"></progress>
      <span class="muted">${done} of ${total} scenarios</span>`;
  }

  #row({ name, checks }: Pick<Group, 'name'> & { checks: readonly Check[] }, group: number): TemplateResult {
    const each = this.found[group] ?? [];
    const whole = each.length === checks.length;
    const wanted = groupDigest(expected.digests[group] ?? []);
    const here = whole ? groupDigest(each) : '';
    return this.#line(name, checks.length, here, wanted, whole ? '' : each.length > 0 ? `${each.length} done` : '');
  }

  #line(name: string, count: number, here: string, wanted: string, so: string): TemplateResult {
    const verdict = here === '' ? so : here === wanted ? 'same' : 'differs';
    return html`<tr>
      <th scope="row">${name}</th>
      <td data-label="scenarios">${count}</td>
      <td data-label="here" class="digest">${here || '–'}</td>
      <td data-label="at build time" class="digest">${wanted}</td>
      <td class="verdict ${verdict === 'differs' ? 'differs' : ''}">${verdict}</td>
    </tr>`;
  }

  #fault(): TemplateResult {
    return html`<section class="fault" aria-labelledby="fault-title">
      <h2 id="fault-title">What to do</h2>
      <p>One of the two is wrong, and no number of this browser should be trusted to its last digits until it is known which.
        Please report the fault to whoever runs this copy of Tilt Lab, with both digests:</p>
      <pre tabindex="0">${this.#report()}</pre>
      <p><button type="button" class="button" @click=${this.#copy}>Copy</button> <span class="muted" role="status">${this.said}</span></p>
    </section>`;
  }

  override render() {
    const { state } = this;
    const running = state.name === 'running';
    const complete = this.found.every((each, group) => each.length === groups[group]?.checks.length);
    const here = complete ? wholeDigest(this.found) : '';
    const wanted = wholeDigest(expected.digests);
    return html`<header class="site">${siteNav(null)}</header>
      <main>
        <h1>The same bits in your browser</h1>
        <p class="lead">Every number of Tilt Lab comes from one WebAssembly file that brings its own logarithms and exponentials.
          So two browsers must agree not to a few digits but to the last bit. Try yours: ${total} scenarios of every kind,
          computed on your machine, each number written out in full and all of it digested to sixteen digits.</p>
        <p class="answer" role="status" data-state=${state.name} data-same=${complete ? String(here === wanted) : ''}>${this.#answer()}</p>
        <div class="run">
          <button type="button" class="button" @click=${running ? this.#cancel : this.#start}>${
            running ? 'Cancel' : state.name === 'idle' ? 'Compute here' : 'Once more'
          }</button>
          ${running ? this.#progress() : ''}
        </div>
        ${state.name === 'done' && here !== wanted ? this.#fault() : ''}
        <table>
          <caption>Digests by kind of scenario</caption>
          <thead><tr><th scope="col">kind</th><th scope="col">scenarios</th><th scope="col">here</th><th scope="col">at build time</th><th scope="col"><span class="unseen">verdict</span></th></tr></thead>
          <tbody>${groups.map((group, i) => this.#row(group, i))}</tbody>
          <tfoot>${this.#line('All', total, here, wanted, '')}</tfoot>
        </table>
      </main>
      <footer class="site">
        <p><b>In words.</b> At build time the same list was computed in Node with the same file, by engine ${expected.engine}. A
          result is written as JSON, each number as the shortest decimal that reads back as it, and hashed (FNV-1a, 64 bits); a
          group’s digest is that of its scenarios’ digests. A link from Tilt Lab carries a digest too, of numbers rounded to
          nine digits, so that later engines can still reproduce it.</p>
      </footer>`;
  }
}

customElements.define('tilt-verify', VerifyElement);
