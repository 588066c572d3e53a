import type { Report } from '../engine/types.js';
import { chosen } from './format.js';

/** Numbers of a report that may be left out, in words. */
const names: Record<string, string> = {
  'model.reward': 'the base’s reward',
  'model.reward_sd': 'its standard deviation under the base',
  'model.reward_max': 'the largest reward',
  'model.kl': 'the base’s KL',
  'model.win_rate': 'how often the base wins',
  'kl_rl.reward': 'KL-RL’s reward',
  'kl_rl.reward_sd': 'its standard deviation under KL-RL',
  'kl_rl.kl': 'KL-RL’s KL',
  'kl_rl.win_rate': 'how often KL-RL wins',
  'kl_rl.alpha': 'the inverse temperature',
  'best_of_n.reward': 'best-of-N’s reward',
  'best_of_n.reward_sd': 'its standard deviation under best-of-N',
  'best_of_n.kl': 'best-of-N’s KL',
  'best_of_n.win_rate': 'how often best-of-N wins',
  'best_of_n.gold': 'best-of-N’s gold reward',
  'best_of_n.kl_to_kl_rl': 'the KL from best-of-N to KL-RL',
  'kl_rl_at_bon_kl.reward': 'KL-RL’s reward at best-of-N’s KL',
  'kl_rl_at_bon_kl.reward_sd': 'its standard deviation there',
  'kl_rl_at_bon_kl.kl': 'the KL spent there',
  'kl_rl_at_bon_kl.win_rate': 'how often KL-RL wins there',
  'kl_rl_at_bon_kl.gold': 'KL-RL’s gold reward there',
  'kl_rl_at_bon_kl.alpha': 'the inverse temperature there',
  'gap.reward': 'what best-of-N leaves',
  'gap.reward_at_bon_kl': 'what it leaves at equal KL',
  'limits.gap_sharp': 'the gap as predicted',
  'limits.kl_to_kl_rl_sharp': 'the KL from best-of-N to KL-RL as predicted',
  'limits.variance_per_token': 'the variance of a token’s reward',
};

/** Past every double. */
const largest = '1.8\u00a0×\u00a010³⁰⁸';
const tooLarge = (note: string) => note.startsWith('Past 1.8e308');

const namedIn = (note: string, field: string) => note.split(/[\s,]+|\.$/).includes(field);

/** Why a number of a report is not there, as what follows its name in a sentence. */
export const lacking = ({ notes = [] }: Report, field: string): string =>
  notes.some((note) => tooLarge(note) && namedIn(note, field))
    ? `is past ${largest}`
    : 'could not be had to a thousandth';

/** Whether α is infinite, which it is where it is null and no note says otherwise. */
export const isSaturated = ({ kl_rl, notes = [] }: Report): boolean =>
  kl_rl.alpha === null && !notes.some((note) => namedIn(note, 'kl_rl.alpha'));

/** A report's note as the page says it: fields in words, numbers as a reader writes them. */
export const noteText = (note: string): string =>
  note
    .replaceAll(/\b[a-z]\w*\.[a-z]\w*\b/g, (field) => names[field] ?? field)
    .replaceAll('1.8e308', largest)
    .replaceAll(/\d+\.\d+(?:e[-+]?\d+)?(?!\u00a0)/g, (digits) => chosen(Number(digits), 3));
