import type { CoreDrafts } from '../../web/engine/module.js';
import type { Found } from '../../web/engine/parts.js';
import type { Simulated } from '../../web/engine/simulation.js';
import type { Derived, PolicyReport, Report } from '../../web/engine/types.js';
import type { Results } from '../../web/generated/results.js';
import type { Acceptance, DraftLaw, Equivalence, GeneratedDrafts, ModelShape } from '../../web/language/types.js';
import type { CurveDifferences, Judged, PromptCurves, PromptDrafts, PromptGains } from '../../web/samples/types.js';

/**
 * What is written of results by hand, with words, has the fields that C++ writes, and no others: where one is missing on
 * either side, or of another type, this does not compile. Every part that can be asked for is held to it.
 */

/** What C++ writes of each, without what the facade adds. */
type Written = { [N in Exclude<keyof Found, 'own'>]: NonNullable<Found[N]> } & {
  report: Omit<Report, 'policies'>;
  derived: Derived;
  policy: PolicyReport;
  simulated: Omit<Simulated, 'engine' | 'seed' | 'replicates'>;
  drafts: CoreDrafts;
  judged: Judged;
  curve_differences: CurveDifferences;
  prompt_curves: PromptCurves;
  prompt_gains: PromptGains;
  prompt_drafts: PromptDrafts;
  language_model: ModelShape;
  generated: GeneratedDrafts;
  enumerated: DraftLaw;
  equivalence: Equivalence;
  acceptance: Acceptance;
  law_of_drafts: DraftLaw;
};

/** C++ knows no number that is null, and words but no lists of them: an infinite number is one to it. Blocks of numbers may stay such. */
type Bare<T> = [T] extends [number | null | undefined]
  ? number
  : [T] extends [string | undefined]
    ? string
    : [T] extends [boolean | undefined]
      ? boolean
      : T extends Uint32Array | null
        ? T
        : [T] extends [Float64Array]
          ? number[]
          : { -readonly [K in keyof T]: Bare<T[K]> };

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Names of what is not the same, or is on one side alone. */
type Differing<A, B> = {
  [N in keyof A | keyof B]: N extends keyof A & keyof B ? (Same<Bare<A[N]>, B[N]> extends true ? never : N) : N;
}[keyof A | keyof B];

/** Nothing is assignable to it but where no name is left. */
type None<N> = [N] extends [never] ? true : N;

export const results: None<Differing<Written, Results>> = true;

/** That a field too many, too few, of another type, optional or of another name is seen. */
type Cpp = { one: { x: number; y: number[]; z?: string } };
export const same: None<Differing<{ one: { x: number | null; y: (number | null)[]; z?: 'a' | 'b' } }, Cpp>> = true;
export const more: None<Differing<{ one: { x: number; y: number[]; z?: string; w: number } }, Cpp>> = 'one';
export const less: None<Differing<{ one: { x: number; z?: string } }, Cpp>> = 'one';
export const other: None<Differing<{ one: { x: string; y: number[]; z?: string } }, Cpp>> = 'one';
export const sure: None<Differing<{ one: { x: number; y: number[]; z: string } }, Cpp>> = 'one';
export const lost: None<Differing<{ one: { x: number; y: number[]; z?: string }; two: string }, Cpp>> = 'two';
