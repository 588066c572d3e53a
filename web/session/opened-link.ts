import { isPassedOver } from '../link/codec.js';
import { type Stamp, stampOf } from '../link/digest.js';
import { defaultScenario, defaults } from '../scenario/defaults.js';
import { TiltLabError } from '../scenario/error.js';
import type { Scenario } from '../scenario/scenario.js';
import { readHash } from './hash.js';
import type { Follower, Session } from './session.js';

/** What came of opening a link: whether the engine finds what the link says. */
export type Verdict = { kind: 'reproduced'; stamp: Stamp } | { kind: 'differs'; link: Stamp; here: Stamp };

/** The link that a session began with, and what there is to say of it until the reader changes something. */
export class OpenedLink implements Follower {
  /** The scenario that was opened, for the way back to it. */
  scenario: Scenario = defaultScenario;
  /** Fields that could not be read, and what else was refused. */
  problems: TiltLabError[] = [];
  verdict: Verdict | null = null;
  protected readonly session: Session;

  constructor(session: Session) {
    this.session = session;
    session.follower = this;
  }

  changed(_scenario: Scenario, _released: boolean, _step: string): void {
    this.verdict = null;
    this.problems = [];
  }

  /**
   * Shows what a link says; the default scenario where there is none.
   * @param others problems of what came with the link
   */
  async open(hash: string, others: readonly TiltLabError[] = []): Promise<void> {
    const { session } = this;
    const { scenario, axis, problems, stamp } = readHash(hash);
    // Where a link says nothing of it, the reader's choice stays.
    if (axis) session.axis = axis;
    this.scenario = scenario;
    this.problems = [...others, ...problems];
    this.verdict = null;
    session.scale(scenario);
    const view = await session.show(scenario);
    const { error } = session;
    // An engine that does not start cannot compute the default either.
    if (!view && error && error.kind !== 'start') {
      // Only the engine could tell that the model is wrong: its default stands in, and the notice says so.
      this.problems = [...this.problems, error];
      this.scenario = { ...defaultScenario, budget: defaults.budget };
      await session.show(this.scenario);
    } else if (view && stamp && problems.every(isPassedOver)) {
      const here = stampOf(view.report);
      this.verdict =
        here.digest === stamp.digest ? { kind: 'reproduced', stamp } : { kind: 'differs', link: stamp, here };
    }
    session.tell();
  }

  /** Says what is wrong with something that the reader asked for. */
  refuse(field: string, rule: string): void {
    this.problems = [...this.problems, new TiltLabError('input', `${field}: ${rule}`, field)];
    this.session.tell();
  }

  dismiss(): void {
    this.problems = [];
    this.verdict = null;
    this.session.tell();
  }
}
