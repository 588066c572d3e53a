import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeLink, encodeLink, engine, type Scenario, stampOf } from './engine.js';

const outcomes = [0, 1, 3].map((reward, k) => ({ p: [0.5, 0.3, 0.2][k] as number, reward }));
const finite: Scenario = { v: 1, model: { kind: 'finite', outcomes }, budget: { kl: 1 } };
const models: Scenario['model'][] = [
  finite.model,
  { kind: 'memoryless', length: 160, tokens: outcomes },
  { kind: 'text', source: 'moby-dick', order: 0, length: 40 },
  { kind: 'text', source: 'moby-dick', order: 1, length: 40 },
  { kind: 'continuous', family: 'normal', mean: 0, sd: 1 },
  { kind: 'continuous', family: 'beta', alpha: 2, beta: 3 },
  {
    kind: 'markov',
    length: 40,
    initial: [1, 0],
    transition: [
      [0.8, 0.2],
      [0.4, 0.6],
    ],
    reward: [0, 1],
  },
  {
    kind: 'prompts',
    prompts: [
      { model: finite.model as never },
      { weight: 2, model: { kind: 'continuous', family: 'uniform', lower: 0, upper: 1 } },
    ],
  },
];

describe('a budget by its KL coefficient', () => {
  test.each(models.map((model) => [model.kind, model] as const))(
    '%s: alpha is 1 / beta, the KL is what that spends, N = e^KL',
    (_, model) => {
      const report = engine.evaluate({ v: 1, model, budget: { beta: 0.4 } });
      expect(report.kl_rl.alpha).toBeCloseTo(2.5, 7);
      expect(report.budget.log_n).toBe(report.budget.kl);
      expect(report.kl_rl.kl).toBeCloseTo(report.budget.kl, 8);
      // The same as by its nats.
      const by = engine.evaluate({ v: 1, model, budget: { kl: report.budget.kl } });
      expect(by.best_of_n.reward).toBeCloseTo(report.best_of_n.reward as number, 8);
    },
  );

  test('is that of all parts of a view, of a simulation and of the command', async () => {
    const scenario: Scenario = { ...finite, budget: { beta: 0.5 }, simulation: { replicates: 40 } };
    const report = engine.evaluate(scenario);
    const view = engine.view(scenario, { klEnd: 2 });
    expect(view.report.budget).toEqual(report.budget);
    expect((await engine.simulate(scenario)).kl_rl.reward.exact).toBeCloseTo(report.kl_rl.reward as number, 12);
  });

  test.each(models.map((model) => [model.kind, model] as const))('has a link: %s', (_, model) => {
    const scenario: Scenario = { v: 1, model, budget: { beta: 0.4 } };
    const link = encodeLink(scenario, stampOf(engine.evaluate(scenario)));
    expect(decodeLink(link)).toMatchObject({ scenario, problems: [] });
    expect(decodeLink(link).scenario).toEqual(scenario);
  });

  test('its key is beta, but beside a parameter of that name', () => {
    expect(decodeLink('#v=1&beta=0.1').scenario.budget).toEqual({ beta: 0.1 });
    expect(decodeLink('#v=1&model=continuous&family=beta&alpha=2&beta=3&kl_coefficient=0.1').scenario.budget).toEqual({
      beta: 0.1,
    });
    expect(decodeLink('#v=1&beta=0').problems[0]?.message).toBe('budget.beta: 0 is not in (0, 1e+300]');
  });

  test.each<[string, Scenario['model'], number, RegExp]>([
    [
      'no tilt',
      { kind: 'continuous', family: 'exponential', rate: 2 },
      0.5,
      /^budget\.beta: 0\.5 is of a tilt that is none, or/,
    ],
    [
      'a heavy tail',
      { kind: 'continuous', family: 'lognormal', location: 0, scale: 1 },
      1,
      /^model\.family: "lognormal" has a heavy right tail/,
    ],
  ])('is refused of %s', (_, model, beta, line) => {
    expect(() => engine.evaluate({ v: 1, model, budget: { beta } })).toThrow(line);
  });
});

describe('probabilities of any sum', () => {
  const short = {
    ...finite,
    model: { kind: 'finite', outcomes: outcomes.map((row) => ({ ...row, p: row.p * 0.9999 })) },
  } as Scenario;
  const loose = (scenario: Scenario): Scenario => ({
    ...scenario,
    model: { ...scenario.model, normalise: true } as never,
  });

  test('are refused, and with normalise divided by their sum', () => {
    expect(() => engine.evaluate(short)).toThrow(/^model\.outcomes: probabilities sum to 0\.9999/);
    const [one, other] = [engine.evaluate(loose(short)), engine.evaluate(finite)];
    expect(one.best_of_n.reward).toBeCloseTo(other.best_of_n.reward as number, 14);
    expect(one.kl_rl.alpha).toBeCloseTo(other.kl_rl.alpha as number, 12);
  });

  test('of several prompts, of tokens and of chains too', () => {
    const rows = outcomes.map((row) => ({ ...row, p: row.p / 2 }));
    for (const model of [
      { kind: 'memoryless', length: 7, tokens: rows },
      {
        kind: 'markov',
        length: 7,
        initial: [0.5, 0],
        transition: [
          [0.4, 0.1],
          [0.2, 0.3],
        ],
        reward: [0, 1],
      },
    ])
      expect(engine.evaluate(loose({ v: 1, model, budget: { kl: 1 } } as Scenario)).best_of_n.reward).toBeGreaterThan(
        0,
      );
    const prompts = { kind: 'prompts', prompts: [{ model: { kind: 'finite', outcomes: rows, normalise: true } }] };
    expect(engine.evaluate({ v: 1, model: prompts, budget: { kl: 1 } } as Scenario).best_of_n.reward).toBeCloseTo(
      engine.evaluate(finite).best_of_n.reward as number,
      12,
    );
  });

  test('travel in links', () => {
    const scenario = loose(short);
    const link = encodeLink(scenario, stampOf(engine.evaluate(scenario)));
    expect(link).toContain('&normalise=true');
    expect(decodeLink(link).scenario).toEqual(scenario);
    expect(decodeLink(link.replace('normalise=true', 'normalise=maybe')).problems[0]?.message).toMatch(
      /^model\.normalise: "maybe" is not true or false/,
    );
  });
});

test('what a link costs is limited before it is paid for', async () => {
  const { pack } = await import('../../web/link/pack.js');
  const million = '1,'.repeat(3e6).slice(0, -1);
  const links: [string, RegExp][] = [
    [
      `#v=1&model=finite&kl=1&data=${pack(`{"p":[${million}],"r":[${million}]}`)}`,
      /^link\.data: .* cannot be unpacked \(has more than 2000000 entries\)$/,
    ],
    [`#v=1&model=prompts&kl=1&data=${pack('['.repeat(3e7))}`, /cannot be unpacked \(nests deeper than 200\)$/],
    [`#v=1&model=finite&kl=1&data=${pack('a'.repeat(4e7))}`, /cannot be unpacked \(unfolds to more than 32 MB\)$/],
    [
      `#v=1&${'a&'.repeat(1.9e6)}`,
      /^link\.a: "" is the first of 1900000 unknown fields, each of which is passed over$/,
    ],
    [
      `#v=1&${Array.from({ length: 20_000 }, (_, k) => `x${k}=${k}`).join('&')}`,
      /^link\.x0: "0" is the first of 20000 unknown fields, each of which is passed over$/,
    ],
    [`#v=1&${'kl=1&'.repeat(7e5)}`, /^link\.kl: "1" is given a second time$/],
    [`#v=1&model=finite&kl=1&p=${'1,'.repeat(1.9e6)}&r=1`, /^link\.reward: |^model\.outcomes: /],
    [`#v=1&policies=${'a;'.repeat(1.9e6)}`, /^policies: a list of/],
    [`#${'%3D'.repeat(3e6)}`, /^link: \d+ characters are more than 4000000$/],
  ];
  for (const [link, line] of links) {
    const start = performance.now();
    const { problems } = decodeLink(link);
    expect(problems.map(({ message }) => message).filter((message) => line.test(message))).toHaveLength(1);
    expect(problems.length).toBeLessThan(4);
    expect(performance.now() - start).toBeLessThan(2000);
  }
});

test('three unknown fields are named one by one', () => {
  const { problems } = decodeLink('#v=1&utm_source=a&fbclid=b&ref=c');
  expect(problems.map(({ path }) => path)).toEqual(['link.utm_source', 'link.fbclid', 'link.ref']);
});

test('the schema and the links have the same budgets', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../web/scenario/scenario.v1.schema.json', import.meta.url), 'utf8'),
  );
  for (const kind of Object.keys(schema.definitions.scenario.properties.budget.properties))
    expect(decodeLink(`#v=1&${kind}=2`)).toMatchObject({ problems: [], scenario: { budget: { [kind]: 2 } } });
});
