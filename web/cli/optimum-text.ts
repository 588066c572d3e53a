import { kept, type OptimumReport, short, type Told } from './optimum.js';
import { type Draft, lineOf } from './rows.js';

const rows = [
  ['base', 'base'],
  ['best_of_n', 'best-of-N'],
  ['kl_rl', 'KL-RL'],
  ['gap', 'KL-RL less best-of-N'],
  ['best_of_n_kl', 'KL that best-of-N spends'],
  ['kl_to_kl_rl', 'KL from best-of-N to KL-RL'],
] as const;

const unknown = '-';
const number = (x: number | null, digits?: number) => (x === null ? unknown : short(x, digits));
/** What is exact has more digits. */
const told = ({ value, interval }: Told) =>
  interval ? `${number(value).padEnd(12)}  ${interval.map((x) => short(x)).join(' to ')}` : number(value, 6);

/** Both policies in lines: rewards and KL, and of drafts that were drawn what tells of their doubt, and one of each. */
export function optimumText(report: OptimumReport, prompt: string): string {
  const { drafts, kl, n, alpha, held_out, rejection, chosen, effective_sample_size: effective } = report;
  const of = effective === undefined ? `all ${drafts} drafts, exactly` : `${drafts} drafts, with 95 % intervals`;
  const lines = [
    `At ${short(kl)} nats, N = ${number(n)}, of ${of}:`,
    ...rows.map(([field, name]) => `  ${name.padEnd(28)}${told(report[field])}`),
    alpha === null
      ? 'alpha is infinite: the highest reward alone'
      : `alpha ${short(alpha)}${alpha > 0 ? `, beta ${short(1 / alpha)}` : ''}`,
  ];
  if (effective !== undefined) lines.push(`${short(effective)} effective drafts under the tilt`);
  if (held_out)
    lines.push(
      `The tilt of one half of them, on the other: ${short(held_out.kl)} nats, reward ${short(held_out.reward)}, ${short(held_out.effective_sample_size)} effective drafts`,
    );
  if (rejection) lines.push(`Rejection would keep ${kept(rejection.draws)}`);
  const row = (name: string, draft: Draft | null) =>
    `${name}\t${draft ? lineOf(draft, prompt, false) : `${unknown}\n`}`;
  const texts = chosen
    ? `\n${row('base', chosen.base)}${row(`best of ${Math.max(1, Math.round(n ?? 1))}`, chosen.best_of_n)}${row('KL-RL', chosen.kl_rl)}`
    : '';
  return `${lines.join('\n')}\n${texts}`;
}
