import type { Transform } from '../scenario/scenario.js';

type Written = (x: number, digits: number) => string;

/** What the page says of a kind of transform. */
interface TransformWords<T> {
  /** Whether numbers may be left out. */
  open?: boolean;
  /** In the editor's list: what a draft's mean reward x earns. */
  name: string;
  /** One to begin with. */
  first: T;
  /** As it follows what a sentence says of the model. @param written writes a number to so many digits */
  said(transform: T, written: Written, unit: string): string;
}

/** Every kind of the schema: one that is missing here does not compile. */
export const transformWords: {
  readonly [K in Transform['kind']]: TransformWords<Extract<Transform, { kind: K }>>;
} = {
  step: {
    name: 'x, and a step from a threshold on',
    first: { kind: 'step', at: 0.6, height: 1 },
    said: ({ at, height }, written, unit) =>
      `its reward ${written(Math.abs(height), 4)} ${height < 0 ? 'less' : 'more'} a ${unit} from a mean of ${written(at, 4)} on`,
  },
  indicator: {
    name: '1 from a threshold on, else 0',
    first: { kind: 'indicator', at: 0.6 },
    said: ({ at }, written, unit) => `its reward 1 a ${unit} from a mean of ${written(at, 4)} on, else 0`,
  },
  clip: {
    open: true,
    name: 'x, clipped',
    first: { kind: 'clip', lower: 0, upper: 0.6 },
    said({ lower, upper }, written) {
      const bounds = [
        lower === undefined ? '' : `below at ${written(lower, 4)}`,
        upper === undefined ? '' : `above at ${written(upper, 4)}`,
      ];
      return `its mean reward clipped ${bounds.filter(Boolean).join(' and ') || 'nowhere'}`;
    },
  },
  power: {
    name: 'a power of x',
    first: { kind: 'power', exponent: 2 },
    said: ({ exponent }, written) => `its mean reward raised to the power ${written(exponent, 4)}`,
  },
  sigmoid: {
    name: 'a sigmoid of x',
    first: { kind: 'sigmoid', at: 0.6, scale: 0.1 },
    said: ({ at, scale }, written) =>
      `its mean reward through a sigmoid at ${written(at, 4)} of scale ${written(scale, 4)}`,
  },
  table: {
    name: 'a table, linear between its points',
    first: { kind: 'table', x: [0, 0.5, 1], y: [0, 1, 0.5] },
    said: ({ x }) => `its mean reward through a table of ${x.length} points`,
  },
};

export const wordsOf = (kind: Transform['kind']): TransformWords<Transform> => transformWords[kind];
