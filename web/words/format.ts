/** Numbers as the page writes them: real minus signs, separated thousands, 10⁻⁶ instead of 1e-6. */

const minus = '−';
/** Keeps a number and its scale on one line. */
const joint = '\u00a0';
const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const scales: readonly [number, string][] = [
  [1e12, 'trillion'],
  [1e9, 'billion'],
  [1e6, 'million'],
];

const raise = (exponent: string) =>
  exponent
    .replace(/\d/g, (digit) => superscripts.charAt(Number(digit)))
    .replace(/[-−]/, '⁻')
    .replace('.', '·')
    .replaceAll(',', 'ʼ');

const separate = (plain: string) => {
  const [whole = '', fraction] = plain.split('.');
  const grouped = whole.replace('-', minus).replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction ? `${grouped}.${fraction}` : grouped;
};

const trimZeros = (plain: string) => (plain.includes('.') ? plain.replace(/\.?0+$/, '') : plain);

/** A whole number with all its digits. */
export const whole = (x: number) => separate(x.toFixed(0));

/** 10⁶, 10⁻⁶, 10²⁷·⁸ */
export const power = (exponent: number, decimals = 0) => `10${raise(separate(trimZeros(exponent.toFixed(decimals))))}`;

/** A plain decimal with `digits` significant ones, without an exponent. */
function decimal(x: number, digits: number): string {
  const magnitude = Math.floor(Math.log10(Math.abs(x)));
  return separate(x.toFixed(Math.min(100, Math.max(0, digits - 1 - magnitude))));
}

/** What stands for a number that the engine could not have; why, the report's notes say. */
export const notKnown = 'not known';
const isKnown = (x: number | null): x is number => x !== null && Number.isFinite(x);

/** `digits` significant digits; millions in words; the very small and very large as powers of ten. */
export function number(x: number | null, digits = 4): string {
  if (!isKnown(x)) return notKnown;
  if (x === 0) return '0';
  const size = Math.abs(x);
  if (size >= 1e15 || size < 1e-4) {
    const [mantissa = '', exponent = ''] = x.toExponential(digits - 1).split('e');
    return [separate(trimZeros(mantissa)), '×', power(Number(exponent))].join(joint);
  }
  for (const [scale, name] of scales) {
    if (size >= scale) return `${trimZeros(decimal(x / scale, digits))}${joint}${name}`;
  }
  return decimal(x, digits);
}

/** A number a reader chose: no digits but those that say something. */
export const chosen = (x: number | null, digits = 6): string => {
  if (!isKnown(x)) return notKnown;
  const [mantissa = '', ...rest] = number(x, digits).split(joint);
  return [trimZeros(mantissa), ...rest].join(joint);
};

export const signed = (x: number | null, digits = 4): string =>
  isKnown(x) && x > 0 ? `+${number(x, digits)}` : number(x, digits);

/** A divergence in nats: four decimals while these are legible. */
export const nats = (x: number | null): string => {
  if (!isKnown(x)) return notKnown;
  if (x === 0) return '0';
  return x >= 1e-3 && x < 1e4 ? separate(x.toFixed(4)) : number(x, 4);
};

/** 99.97 %: as many decimals as it takes to tell it from 100 %. */
export function percent(p: number | null): string {
  if (!isKnown(p)) return notKnown;
  const missing = 100 * (1 - p);
  if (!(missing > 0)) return `100${joint}%`;
  const decimals = Math.min(12, Math.max(1, Math.ceil(-Math.log10(missing))));
  return `${(100 * p).toFixed(decimals)}${joint}%`;
}

/** A column of these: as many decimals as it takes to tell the largest from 100 %, and two more to tell them apart. */
export function percents(list: readonly (number | null)[]): string[] {
  const missing = 100 * (1 - Math.max(0, ...list.filter(isKnown).filter((p) => p < 1)));
  const decimals = Math.min(12, Math.max(2, 2 + Math.ceil(-Math.log10(missing))));
  return list.map((p) => (isKnown(p) ? `${(100 * p).toFixed(decimals)}${joint}%` : notKnown));
}

/** N, a number of drafts: 1.22, 16, 2,981, 8.9 million, 10²⁷·⁸. `n` is null where no double holds it. */
export function drafts(n: number | null, log10: number): string {
  if (n === null || n >= 1e15) return power(log10, log10 < 1000 ? 1 : 0);
  if (n >= 1e6) return number(n, 2);
  if (n >= 100) return separate(n.toFixed(0));
  return trimZeros(n.toPrecision(3));
}

export const plural = (count: number, unit: string): string => (count === 1 ? unit : `${unit}s`);

/** 40 words, 1 word, 1.2 million words */
export const amount = (count: number, unit: string): string => `${chosen(count, 3)} ${plural(count, unit)}`;

export interface Run {
  text: string;
  raised: boolean;
}

/** Splits at superscripts, which fonts draw unevenly, so that plain digits can be raised instead. */
export function runs(text: string): Run[] {
  return (text.match(/[⁰¹²³⁴⁵⁶⁷⁸⁹⁻·ʼ]+|[^⁰¹²³⁴⁵⁶⁷⁸⁹⁻·ʼ]+/g) ?? []).map((part) => {
    if (!/[⁰¹²³⁴⁵⁶⁷⁸⁹]/.test(part)) return { text: part, raised: false };
    const digits = [...part].map((sign) => {
      if (sign === '⁻') return minus;
      if (sign === 'ʼ') return ',';
      return sign === '·' ? '.' : String(superscripts.indexOf(sign));
    });
    return { text: digits.join(''), raised: true };
  });
}
