import { loadEngine, type Scenario } from '../engine/index.js';
import type { LanguageEngine } from '../language/engine.js';
import { DraftsDigest, modelDigest } from '../language/language-link.js';
import { finiteModel, keptOf, mostOf, pickOf } from '../language/optimum.js';
import { rewardText, type TextReward } from '../language/reward.js';
import type { Acceptance, DraftLaw, Equivalence } from '../language/types.js';
import { refuse } from './arguments.js';
import { type Drafted, engineOf, type Means } from './drafting.js';
import { draw } from './drawing.js';
import type { Tilt } from './generate-arguments.js';
import { type Draft, draftsOf } from './rows.js';

/** A number with its 95 % interval; none where it is exact. */
export interface Told {
  /** Null where it is infinite, or could not be had. */
  value: number | null;
  interval?: [number, number];
}

/** Both policies at one budget: of drafts that were drawn as the page has them, of all that there can be exactly. */
export interface OptimumReport {
  engine: string;
  method: Tilt['method'];
  drafts: number;
  kl: number;
  /** e^kl; null where no double holds it. */
  n: number | null;
  /** Null where the highest reward alone is left. */
  alpha: number | null;
  base: Told;
  kl_rl: Told;
  best_of_n: Told;
  best_of_n_kl: Told;
  gap: Told;
  kl_to_kl_rl: Told;
  /** Of drafts that were drawn. */
  effective_sample_size?: number;
  held_out?: Equivalence['held_out'];
  /** What rejection would keep of such drafts; null where nothing says what no reward exceeds. */
  rejection?: Acceptance | null;
  /** The first draft, the best of the first N, and one that the tilt keeps of all. */
  chosen?: { base: Draft; best_of_n: Draft; kl_rl: Draft | null };
  language_model: { model: string; digest?: string };
}

/** What is drawn and judged. */
export interface Asked {
  means: Means;
  tilt: Tilt;
  n: number;
  workers: number;
  /** Told how many drafts there are, as they come. */
  show: (count: number) => void;
}

/** Drafts of the model itself, and the engine that judges them. */
interface Drawn {
  engine: LanguageEngine;
  drafts: Draft[];
  rewards: Float64Array;
  digest: string;
}

const finite = (x: number) => (Number.isFinite(x) ? x : null);
const rewardIn = ({ reward }: Means) => reward as TextReward;
const seedIn = ({ settings }: Means) => settings.seed ?? 1;

/** As anybody reads it. */
export const short = (x: number, digits = 4) => String(Number(x.toPrecision(digits)));

/** Both policies at a law, exactly. @throws TiltLabError naming the budget */
async function exactly(law: DraftLaw, budget: Tilt['budget']) {
  return (await loadEngine()).evaluate({ v: 1, model: finiteModel(law), budget } as Scenario);
}

async function drawn({ means, n, workers, show }: Asked, engine: LanguageEngine): Promise<Drawn> {
  const drafts: Draft[] = [];
  const digest = new DraftsDigest();
  const take = async (drafted: Drafted) => {
    drafts.push(...draftsOf(drafted));
    digest.addDrafts(drafted.drafts);
    show(drafts.length);
    return true;
  };
  await draw(means, n, workers, take, async () => engine);
  const rewards = Float64Array.from(drafts, ({ reward }) => reward as number);
  return { engine, drafts, rewards, digest: digest.value };
}

/** What rejection keeps, in words. */
export const kept = (draws: number) => (Number.isFinite(draws) ? `one draft in ${short(draws)}` : 'no draft');

/** Of drafts that tell of the budget: nothing is null. */
type Judged = { [K in keyof Omit<Equivalence, 'is_refused'>]: NonNullable<Equivalence[K]> };

/** Both policies at the budget. @throws TiltLabError where too few drafts tell of it */
async function judged({ engine, rewards }: Drawn, { budget, option, value }: Tilt, seed: number): Promise<Judged> {
  const kl = 'kl' in budget ? budget.kl : (await exactly(engine.lawOf(rewards), budget)).budget.kl;
  const { is_refused, ...found } = engine.equivalence(rewards, kl, seed);
  // An alpha that was given is not to be found again.
  if (!is_refused) return { ...found, ...('beta' in budget && { alpha: 1 / budget.beta }) } as Judged;
  const { effective_sample_size: effective, n, drafts } = found;
  const rule =
    effective < 10
      ? `leaves ${short(effective)} effective drafts of ${drafts}, and fewer than 10 tell nothing`
      : `is best-of-${short(n)}, and ${drafts} drafts tell up to a tenth of them`;
  return refuse(option, value, `${rule}: draw more (--n), or set ${option} ${option === '--kl' ? 'lower' : 'higher'}`);
}

/** What the page has of drafts: both policies by weights, what is thrown away, and a draft of each. @throws TiltLabError */
export async function weighed(asked: Asked): Promise<OptimumReport> {
  const { means, tilt } = asked;
  const engine = await engineOf(means);
  const all = await drawn(asked, engine);
  const seed = seedIn(means);
  const found = await judged(all, tilt, seed);
  const { alpha } = found;
  const most = mostOf(engine, rewardIn(means), means.settings.length);
  const among = Math.max(1, Math.min(found.drafts, Math.round(found.n)));
  const { best, tilted } = pickOf(engine, all.rewards, { n: among, alpha, seed });
  const at = (place: number) => all.drafts[place] as Draft;
  return {
    engine: engine.version,
    method: 'weights',
    ...found,
    alpha: finite(alpha),
    rejection: finite(alpha) !== null && finite(most) !== null ? engine.acceptance(all.rewards, alpha, most) : null,
    chosen: { base: at(0), best_of_n: at(best), kl_rl: tilted === null ? null : at(tilted) },
    language_model: { model: await modelDigest(means.checkpoint), digest: all.digest },
  };
}

/** Of all drafts that there can be. @throws TiltLabError naming the length where they are too many */
export async function enumerated({ means, tilt }: Asked): Promise<OptimumReport> {
  const law = (await engineOf(means)).enumerate(means.settings, rewardIn(means));
  const { model, budget, kl_rl, best_of_n, gap, engine } = await exactly(law, tilt.budget);
  return {
    engine,
    method: 'enumeration',
    drafts: law.drafts,
    kl: budget.kl,
    n: finite(Math.exp(budget.log_n)),
    alpha: 'beta' in tilt.budget ? finite(1 / tilt.budget.beta) : kl_rl.alpha,
    base: { value: model.reward },
    kl_rl: { value: kl_rl.reward },
    best_of_n: { value: best_of_n.reward },
    best_of_n_kl: { value: best_of_n.kl },
    gap: { value: gap.reward },
    kl_to_kl_rl: { value: best_of_n.kl_to_kl_rl },
    language_model: { model: await modelDigest(means.checkpoint) },
  };
}

/**
 * Drafts of the optimum itself, of as many of the model as were asked for.
 * @param say how much is to be kept before anything is, and then what was
 * @throws TiltLabError where nothing says what no reward exceeds, or too few drafts tell the alpha of a KL
 */
export async function rejected(asked: Asked, say: (line: string) => void): Promise<Draft[]> {
  const { means, tilt, n } = asked;
  const engine = await engineOf(means);
  const reward = rewardIn(means);
  const most = mostOf(engine, reward, means.settings.length);
  if (finite(most) === null)
    refuse('--method', tilt.method, `needs a reward that nothing exceeds, and ${rewardText(reward)} has no such bound`);
  const all = await drawn(asked, engine);
  const seed = seedIn(means);
  const alpha = 'beta' in tilt.budget ? 1 / tilt.budget.beta : (await judged(all, tilt, seed)).alpha;
  if (finite(alpha) === null)
    refuse(tilt.option, tilt.value, 'is all that these drafts can spend: the best of them alone are the optimum');
  const { rate, draws } = engine.acceptance(all.rewards, alpha, most);
  say(`rejection at alpha ${short(alpha)} keeps ${kept(draws)}: of ${n} about ${Math.round(n * rate)}`);
  const { places, reward: earned } = keptOf(engine, all.rewards, { alpha, most, seed });
  const mean = earned ? `; they earn ${short(earned.value)}, ${earned.interval.map((x) => short(x)).join(' to ')}` : '';
  say(`kept ${places.length}${mean}`);
  return Array.from(places, (place) => all.drafts[place] as Draft);
}
