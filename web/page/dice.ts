import { html, LitElement, type TemplateResult } from 'lit';
import { defaultReplicates, type Estimate, type Progress, type Simulated } from '../engine/simulation.js';
import { kindOf } from '../models/registry.js';
import { TiltLabError } from '../scenario/error.js';
import { readNumber } from '../scenario/number.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Session } from '../session/session.js';
import { watch } from '../session/watch.js';
import { drafts, notKnown, number, percent, plural, whole } from '../words/format.js';
import { raised } from '../words/raised.js';
import { policyName, type Shown } from '../words/shown.js';

const methods = [
  ['', 'whichever is quick'],
  ['tokens', 'token by token'],
  ['types', 'counts of tokens'],
  ['order', 'the maximum’s own law'],
] as const;

/** How drafts are drawn, said before any are. */
const ways = {
  '': 'by whichever way is quick: as they are, by how often each token stands in them, or as the maximum of N at once, which all have the same law',
  tokens: 'each token by token',
  types: 'each by how often every token stands in it, which has the same law',
  order: 'the best of N at once, by the law of the maximum',
} as const;

/** Whether the interval is one of those that promise something, and there is something to hold. */
const counts = ({ counted, interval: [low, high], exact }: Estimate) =>
  counted && low !== null && high !== null && exact !== null;
/** Whether the interval keeps its promise; those that are not counted make none. */
const holds = (e: Estimate) => {
  const [low, high] = e.interval;
  return !counts(e) || (Number(low) <= Number(e.exact) && Number(e.exact) <= Number(high));
};

/** A column's way to write a number, with so many more digits than it usually has. */
type Format = (x: number, more: number) => string;
const asNumber: Format = (x, more) => number(x, 5 + more);
/** As many decimals for all of a cell as its mean needs. */
const asPercent = (mean: number | null): Format => {
  const decimals = Math.max(1, /\.(\d+)/.exec(percent(mean))?.[1]?.length ?? 0);
  return (x, more) => `${(100 * x).toFixed(decimals + more)}\u00a0%`;
};

/** Digits beyond the usual until the eye sees what the numbers say: an interval, and what is outside of it outside. */
function moreDigits({ interval: [low, high], exact }: Estimate, format: Format): number {
  if (low === null || high === null || exact === null) return 0;
  const wide = high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high));
  for (let more = 0; more < 10; more++) {
    const [from, to, at] = [low, high, exact].map((x) => format(x, more));
    // Rounding keeps order: what is inside looks inside.
    const clear = (exact >= low || at !== from) && (exact <= high || at !== to);
    if (clear && (!wide || from !== to)) return more;
  }
  return 10;
}

/** Seconds as a reader says them. */
const span = (seconds: number) =>
  seconds < 90
    ? `${Math.max(1, Math.round(seconds))} s`
    : seconds < 5400
      ? `${Math.round(seconds / 60)} min`
      : `${Math.round(seconds / 3600)} h`;

/** The dice: the same numbers drawn, with intervals beside what is exact. */
export class DiceElement extends LitElement {
  static override properties = {
    progress: { state: true },
    refusal: { state: true },
    result: { state: true },
  };
  declare session: Session;
  declare private progress: Progress | null;
  declare private refusal: string;
  declare private result: Simulated | null;
  #run: AbortController | null = null;
  #started = 0;

  constructor() {
    super();
    this.progress = null;
    this.refusal = '';
    this.result = null;
    watch(this);
  }

  protected override createRenderRoot() {
    return this;
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#run?.abort();
  }

  async #start() {
    const { session } = this;
    const { shown } = session;
    if (!shown) return;
    const { scenario } = shown;
    this.#run?.abort();
    const run = new AbortController();
    this.#run = run;
    this.#started = performance.now();
    this.refusal = '';
    this.progress = { done: 0, blocks: 1, replicates: 0 };
    try {
      const result = await session.engine.simulate(
        scenario,
        (progress, partial) => {
          if (this.#run !== run) return;
          this.progress = progress;
          session.setSimulated(scenario, partial);
        },
        run.signal,
      );
      if (this.#run === run) session.setSimulated(scenario, result);
    } catch (error) {
      if (this.#run === run && !(error instanceof TiltLabError && error.kind === 'aborted'))
        this.refusal = error instanceof Error ? error.message : String(error);
    }
    if (this.#run !== run) return;
    this.#run = null;
    this.progress = null;
  }

  #cancel() {
    this.#run?.abort();
    this.#run = null;
    this.progress = null;
  }

  #set(field: 'seed' | 'replicates' | 'method', value: string) {
    const { scenario } = this.session;
    const { [field]: _, ...rest } = scenario.simulation ?? {};
    const read = field === 'method' ? value : readNumber(value);
    const simulation = { ...rest, ...(value === '' ? {} : { [field]: read }) } as Scenario['simulation'];
    if (
      field !== 'method' &&
      !(
        Number.isInteger(read) &&
        Number(read) >= (field === 'seed' ? 0 : 1) &&
        Number(read) <= (field === 'seed' ? Number.MAX_SAFE_INTEGER : 1e8)
      )
    ) {
      this.refusal = `${field}: ${value.trim() || 'nothing'} is not a whole number from ${field === 'seed' ? '0' : '1'} to ${field === 'seed' ? '9,007,199,254,740,991' : '100,000,000'}`;
      return;
    }
    this.refusal = '';
    void this.session.change({ ...scenario, ...(simulation ? { simulation } : {}) });
  }

  #bar(progress: Progress): TemplateResult {
    const share = progress.done / progress.blocks;
    const seconds = (performance.now() - this.#started) / 1000;
    const left = share > 0 ? (seconds / share) * (1 - share) : null;
    return html`<div class="progress">
      <progress max="1" .value=${share} aria-label="Replicates drawn"></progress>
      <span>${whole(progress.replicates)} ${plural(progress.replicates, 'replicate')}${left === null ? '' : html`, ${whole(progress.replicates / seconds)} a second, ${span(left)} left`}</span>
    </div>`;
  }

  #estimate(name: string, e: Estimate, format: Format): TemplateResult {
    const more = moreDigits(e, format);
    const [mean = '', low = '', high = '', exact = ''] = [e.mean, ...e.interval, e.exact].map((x) =>
      x === null ? '' : format(x, more),
    );
    if (e.mean === null) return html`<td data-label=${name} class="muted">${notKnown}</td>`;
    return html`<td data-label=${name}>
      ${raised(mean)}${low === high ? '' : html` <span class="muted range">(${raised(low)} to ${raised(high)})</span>`}
      <span class="exact ${holds(e) ? '' : 'missed'}">exact ${exact === '' ? notKnown : raised(exact)}${holds(e) ? '' : ', outside'}</span></td>`;
  }

  #results(result: Simulated, shown: Shown): TemplateResult {
    const rows = [
      ['Base', '', result.model],
      [
        `Best of ${result.n === null ? drafts(null, shown.view.derived.log10_n) : drafts(result.n, Math.log10(result.n))}`,
        'best-of-n',
        result.best_of_n,
      ],
      ['KL-RL', 'kl-rl', result.kl_rl],
      ...(result.policies ?? []).map((p, i) => [policyName(shown.scenario.policies?.[i]), '', p] as const),
    ] as const;
    const checked = rows.flatMap(([, , p]) => [p.reward, p.win_rate]).filter(counts);
    const held = checked.filter(holds).length;
    const weighted = result.kl_rl_weighted;
    return html`<p class="hint">${whole(result.replicates)} replicates, seed ${result.seed}, ${methods.find(([key]) => key === result.method)?.[1]}.
        Of ${checked.length} intervals for reward and win rate, ${held} hold the exact value; at least 19 in 20 should.</p>
      <table>
        <thead><tr><td></td><th scope="col">reward</th><th scope="col">wins against the base</th><th scope="col">KL (nats)</th></tr></thead>
        <tbody>
          ${rows.map(
            ([name, className, p]) => html`<tr><th scope="row" class=${className}>${raised(name)}</th>
              ${this.#estimate('reward', p.reward, asNumber)}${this.#estimate('wins', p.win_rate, asPercent(p.win_rate.mean))}
              ${p === result.model ? html`<td></td>` : this.#estimate('KL', p.kl, asNumber)}</tr>`,
          )}
          <tr><th scope="row" class="kl-rl">KL-RL by weights</th>${this.#estimate('reward', weighted.reward, asNumber)}
            <td colspan="2" class="muted">How not to do it. Base drafts weighted by exp(α reward): ${weighted.effective_sample_size === null ? 'it is not known how many' : number(weighted.effective_sample_size, 3)} of ${number(weighted.reward.draws, 3)} count, for ${weighted.reward.why?.replaceAll("'", '’')}. This interval is none of the ${checked.length}.</td></tr>
        </tbody>
      </table>
      <p class="hint">Best-of-N’s KL is the plug-in estimate: it takes every draft for unlike all others, so ties make it too large.</p>`;
  }

  override render() {
    const { shown, scenario } = this.session;
    if (!shown) return html``;
    const { simulation } = scenario;
    const running = this.progress !== null;
    return html`<section class="dice" aria-labelledby="dice-title">
      <div class="drafts-head">
        <h2 id="dice-title">Roll the dice</h2>
        <button type="button" class="button" @click=${running ? this.#cancel : this.#start}>${running ? 'Cancel' : 'Run'}</button>
      </div>
      <div class="dice-fields">
        <label>Seed <input inputmode="numeric" .value=${String(simulation?.seed ?? 1)} ?disabled=${running}
          @change=${(event: Event) => this.#set('seed', (event.currentTarget as HTMLInputElement).value)} /></label>
        <label>Replicates <input inputmode="numeric" .value=${whole(simulation?.replicates ?? defaultReplicates)} ?disabled=${running}
          @change=${(event: Event) => this.#set('replicates', (event.currentTarget as HTMLInputElement).value)} /></label>
        <label>Method <select ?disabled=${running} @change=${(event: Event) => this.#set('method', (event.currentTarget as HTMLSelectElement).value)}>
          ${methods.map(([key, name]) => html`<option value=${key} ?selected=${key === (simulation?.method ?? '')}>${name}</option>`)}
        </select></label>
        ${this.progress ? this.#bar(this.progress) : ''}
      </div>
      ${this.refusal ? html`<p class="notice" role="alert">${this.refusal}</p>` : ''}
      ${
        shown.simulated
          ? this.#results(shown.simulated, shown)
          : html`<p class="hint">Each replicate ${kindOf(scenario.model).hasPrompts ? 'asks one of the prompts, by its weight, and ' : ''}draws a draft of the base, one of the tilt, and N of which it keeps the best, ${ways[simulation?.method ?? '']}. At least 19 in 20 intervals should hold the exact values, and the dots should land on the curves.</p>`
      }
    </section>`;
  }
}

customElements.define('tilt-dice', DiceElement);
