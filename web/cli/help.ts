/** Of each command a line that works as it stands beside a scenario.json, a drafts.csv, a folder runs/ of such files and, of a language model, its two. */
export const examples: Readonly<Record<string, readonly string[]>> = {
  evaluate: [
    'tiltlab evaluate scenario.json',
    "tiltlab evaluate '#v=1&kl_per_token=0.1'",
    'tiltlab evaluate --samples drafts.csv --price 0.005',
    'tiltlab evaluate --samples drafts.csv --compare kl_rl,best_of_n,reward',
  ],
  samples: [
    'tiltlab samples drafts.csv --reward score',
    'tiltlab samples runs/ --shard 1/2 > part-1.json',
    'tiltlab samples runs/ --shard 2/2 > part-2.json',
  ],
  statements: ['tiltlab statements scenario.json'],
  simulate: [
    'tiltlab simulate scenario.json --replicates 1000 --seed 7',
    'tiltlab simulate scenario.json --shard 1/2 > shard-1.json',
    'tiltlab simulate scenario.json --shard 2/2 > shard-2.json',
  ],
  merge: ['tiltlab merge shard-1.json shard-2.json', 'tiltlab merge part-1.json part-2.json'],
  generate: [
    'tiltlab generate --length 60 --n 3 --reward vader_sum',
    'tiltlab generate --length 60 --n 1000 --reward vader --json --workers 2 > drafts.jsonl',
    'tiltlab generate --length 24 --reward vader --kl 0.5',
    'tiltlab generate --length 2 --reward letter:e --n 20000 --beta 0.2 --method rejection --json > kept.jsonl',
    "tiltlab generate --checkpoint stories260K.bin --tokenizer tok512.bin --length 200 --prompt 'Once upon a time'",
  ],
  link: ['tiltlab link scenario.json'],
  open: ["tiltlab open '#v=1&kl_per_token=0.1'"],
};

const listed = (lines: readonly string[]) => lines.map((line) => `  ${line}\n`).join('');

/** What the usage says of one command, and its examples. */
export function helpOf(command: string, usage: string): string {
  let of = '';
  const lines = usage.split('\n').filter((line) => {
    of = /^ {2}tiltlab (\S+)/.exec(line)?.[1] ?? of;
    return of === command;
  });
  return `${lines.join('\n').trimEnd()}\n\nFor example:\n${listed(examples[command] ?? [])}`;
}

/** The whole usage, and the first example of each command. */
export const helpOfAll = (usage: string): string =>
  `${usage}\nFor example, and more by tiltlab COMMAND --help:\n${listed(Object.values(examples).map(([first = '']) => first))}`;
