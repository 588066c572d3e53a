/** Numbers as people write them. */

const scales: Record<string, number> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  million: 1e6,
  bn: 1e9,
  billion: 1e9,
  trillion: 1e12,
};
/** Words that may follow a number and change nothing. */
const units = /(nats?|words?|tokens?|drafts?|replicates?|a|per|in all)$/;
const raised = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Without what only separates: a comma is a decimal one where it cannot stand between thousands. */
function plain(text: string): string {
  const isGrouped = /^[-+]?[1-9]\d{0,2}(,\d{3})+(?!\d)/.test(text);
  if (isGrouped) return text.replaceAll(',', '');
  return (text.match(/,/g) ?? []).length === 1 && !text.includes('.') ? text.replace(',', '.') : text;
}

/** 0.3, 0,3, 1,000, 1k, 2 million, 1e-6, 10^6, 3 × 10⁻⁶; NaN for anything else. */
function decimal(text: string): number {
  const power = /^(?:([-+]?[\d.]+)[×x*·]?)?10(?:\^|\*\*)?([-+]?\d+)$/.exec(text);
  if (power && /\^|\*\*/.test(text)) return Number(`${power[1] ?? 1}e${power[2]}`);
  const [, digits = '', scale = ''] = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)([a-z]*)$/.exec(text) ?? [];
  if (digits === '') return Number.NaN;
  if (scale === '') return Number(digits);
  const factor = scales[scale];
  return factor === undefined ? Number.NaN : Number((Number(digits) * factor).toPrecision(15));
}

/**
 * The number that someone typed: plain, with thousands apart, with a decimal comma, in words, as a percentage or as a
 * fraction, with or without a unit. NaN where it is none, and for infinities: nothing is guessed.
 */
export function readNumber(typed: string): number {
  let text = typed
    .trim()
    .toLowerCase()
    .replaceAll('−', '-')
    .replaceAll(/[\s_'’]/g, '');
  text = text.replaceAll(
    /[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/g,
    (run) => `^${[...run].map((c) => (c === '⁻' ? '-' : raised.indexOf(c))).join('')}`,
  );
  while (units.test(text)) text = text.replace(units, '');
  const percent = /^(.+)%$/.exec(text);
  if (percent) return Number((readNumber(percent[1] ?? '') / 100).toPrecision(15));
  const fraction = /^([^/]+)\/([^/]+)$/.exec(text);
  const value = fraction ? decimal(plain(fraction[1] ?? '')) / decimal(plain(fraction[2] ?? '')) : decimal(plain(text));
  return Number.isFinite(value) ? value : Number.NaN;
}

/** The shortest text that reads back as this very number, −0 too. */
export const stated = (x: number): string => (Object.is(x, -0) ? '-0' : String(x));
