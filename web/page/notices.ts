import { html, LitElement } from 'lit';
import { isPassedOver } from '../link/codec.js';
import type { TiltLabError } from '../scenario/error.js';
import type { OpenedLink, Verdict } from '../session/opened-link.js';
import type { Session } from '../session/session.js';
import { watch } from '../session/watch.js';
import { notKnown } from '../words/format.js';

/** A number of a stamp; `?` where it was not known. */
const said = (number: string) => (number === '?' ? notKnown : number);

function verdictText(verdict: Verdict) {
  if (verdict.kind === 'reproduced')
    return html`<b>Reproduced.</b> The engine finds what the link says (${verdict.stamp.digest}).`;
  const { link, here } = verdict;
  return html`<b>Engine differs.</b> By engine ${link.engine} the link says best-of-N ${said(link.best_of_n)} and KL-RL
    ${said(link.kl_rl)} (${link.digest}); engine ${here.engine} finds ${said(here.best_of_n)} and ${said(here.kl_rl)} (${here.digest}).`;
}

/** Said once, however often it happens. */
export const engineRestarted = html`<p class="notice" role="status">The engine had stopped, and was started again; nothing is lost.</p>`;

/** What a link or an engine has to say: refusals by field, value and rule, and whether a link was reproduced. */
export class NoticesElement extends LitElement {
  declare session: Session;
  declare link: OpenedLink;
  /** What helps where something is refused, where the page has anything. */
  declare mend: ((error: TiltLabError) => unknown) | undefined;

  constructor() {
    super();
    watch(this);
  }

  protected override createRenderRoot() {
    return this;
  }

  /** What had the focus goes: on to what the page begins with. */
  #dismiss() {
    this.link.dismiss();
    document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }

  override render() {
    const { error } = this.session;
    const { problems, verdict } = this.link;
    const lines = [
      ...problems.map(
        (problem) =>
          html`<p class="notice problem">${problem.message}.${isPassedOver(problem) ? '' : ' The default is shown instead.'}${this.mend?.(problem)}</p>`,
      ),
      ...(error && !problems.includes(error)
        ? [html`<p class="notice problem">${error.message}${this.mend?.(error)}</p>`]
        : []),
      ...(verdict ? [html`<p class="notice verdict" data-verdict=${verdict.kind}>${verdictText(verdict)}</p>`] : []),
    ];
    return html`<div role="status">${lines}</div>
      ${lines.length > 0 && !error ? html`<button type="button" class="quiet small" @click=${this.#dismiss}>Dismiss</button>` : ''}`;
  }
}

customElements.define('tilt-notices', NoticesElement);
