import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { importDrafts, recognise } from '../../web/samples/import.js';
import type { Layout } from '../../web/samples/layout.js';

/** One small file of each shape that tools write, made up here, and what it holds: each is read as it is. */

const file = (name: string, ...parts: BlobPart[]) => ({ name, blob: new Blob(parts) });
const lines = (...rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

interface Shape {
  tool: string;
  files: ReturnType<typeof file>[];
  rows: Layout['rows'];
  columns: Partial<Layout['columns']>;
  /** Prompt by prompt, the drafts' rewards. */
  rewards: Record<string, number[]>;
  gold?: number[];
  /** Which drafts agree: the same number in this list. */
  answers?: number[];
}

const parquet = (columnData: Parameters<typeof parquetWriteBuffer>[0]['columnData']) =>
  parquetWriteBuffer({ columnData });

const shapes: Shape[] = [
  {
    tool: 'TRL, completions in parquet, several rewards and chat turns',
    files: [
      file(
        'completions_00010.parquet',
        parquet([
          { name: 'step', data: [10, 10, 10, 10], type: 'INT32' },
          {
            name: 'prompt',
            data: ['a', 'a', 'b', 'b'].map((content) => [{ role: 'user', content }]),
            type: 'JSON',
          },
          { name: 'completion', data: ['x', 'y', 'z', 'w'], type: 'STRING' },
          { name: 'accuracy_reward', data: [0.25, 0.5, 1, 0], type: 'DOUBLE' },
          { name: 'advantage', data: [-1, 1, 1, -1], type: 'DOUBLE' },
        ]),
      ),
    ],
    rows: 'draft',
    columns: { prompt: 'prompt', reward: 'accuracy_reward', text: 'completion', run: 'step' },
    rewards: { '[{"role":"user","content":"a"}]': [0.25, 0.5], '[{"role":"user","content":"b"}]': [1, 0] },
  },
  {
    tool: 'TRL, older, CSV',
    files: [
      file('completions.csv', 'step,prompt,completion,reward\n1,"a, or so","x\ny",0.5\n1,"a, or so",z,1\n2,b,w,0.25\n'),
    ],
    rows: 'draft',
    columns: { prompt: 'prompt', reward: 'reward', text: 'completion', run: 'step', gold: null },
    // Of two steps the last is judged.
    rewards: { b: [0.25] },
  },
  {
    tool: 'verl, rollouts',
    files: [
      file(
        '1.jsonl',
        lines(
          { input: 'p', output: 'x', gts: '4', score: 1, step: 1, acc: true },
          { input: 'p', output: 'y', gts: '4', score: -1, step: 1, acc: false },
        ),
      ),
    ],
    rows: 'draft',
    columns: { prompt: 'input', reward: 'score', gold: 'acc', text: 'output', run: 'step' },
    rewards: { p: [1, -1] },
    gold: [1, 0],
  },
  {
    tool: 'OpenRLHF',
    files: [file('out.jsonl', lines({ input: 'p', output: 'x', reward: 2.5 }, { input: 'q', output: 'y', reward: 1 }))],
    rows: 'draft',
    columns: { prompt: 'input', reward: 'reward', text: 'output' },
    rewards: { p: [2.5], q: [1] },
  },
  {
    tool: 'RLHFlow',
    files: [
      file(
        'data.json',
        JSON.stringify({
          type: 'text_only',
          instances: [
            { prompt: 'p', responses: ['x', 'y'], rewards: [1, 2] },
            { prompt: 'q', responses: ['z'], rewards: [3] },
          ],
        }),
      ),
    ],
    rows: 'prompt',
    columns: { prompt: 'prompt', reward: 'rewards', text: 'responses' },
    rewards: { p: [1, 2], q: [3] },
  },
  {
    tool: 'search-and-learn',
    files: [
      file(
        'best_of_n_completions.jsonl',
        lines({
          problem: 'p',
          answer: '4',
          completions: ['x', 'y'],
          scores: [
            [0.5, 0.25],
            [1, 0.75],
          ],
          agg_scores: [0.25, 0.75],
        }),
      ),
    ],
    rows: 'prompt',
    columns: { prompt: 'problem', reward: 'agg_scores', text: 'completions', answer: null, gold: null },
    rewards: { p: [0.25, 0.75] },
  },
  {
    tool: 'search-and-learn, scores of steps alone',
    files: [file('steps.jsonl', lines({ problem: 'p', completions: ['x', 'y'], scores: [[0.5, 0.25], [1]] }))],
    rows: 'prompt',
    columns: { reward: 'scores', text: 'completions' },
    rewards: { p: [0.25, 1] },
  },
  {
    tool: 'Large Language Monkeys',
    files: [
      file(
        '0.yaml',
        'prompt: "p"\nquestion: what\nsamples:\n- x\n- y\n- z\ngt_answer: "4"\nis_corrects:\n- true\n- false\n- true\n',
      ),
      file(
        '1.yaml',
        'prompt: "q"\nquestion: who\nsamples:\n- x\n- y\n- z\ngt_answer: "5"\nis_corrects:\n- false\n- false\n- true\n',
      ),
    ],
    rows: 'prompt',
    columns: { prompt: 'prompt', reward: 'is_corrects', text: 'samples', gold: null },
    rewards: { p: [1, 0, 1], q: [0, 0, 1] },
  },
  {
    tool: 'RewardBench, best-of-N, a file a draft',
    files: [
      file('alpacaeval-0.json', JSON.stringify([{ id: 7, instruction: 'p', output: 'x', preference: 1.25 }])),
      file('alpacaeval-1.json', JSON.stringify([{ id: 7, instruction: 'p', output: 'y', preference: 2 }])),
    ],
    rows: 'draft',
    columns: { prompt: 'instruction', reward: 'preference', text: 'output' },
    rewards: { p: [1.25, 2] },
  },
  {
    tool: 'RewardBench 2',
    files: [
      file(
        'scores.json',
        JSON.stringify({
          text: [
            ['x', 'y', 'z'],
            ['u', 'v'],
          ],
          scores: [
            [3, 2, 1],
            [0, 5],
          ],
          subset: ['Math', 'Ties'],
          id: ['a', 'b'],
          num_correct: [1, 2],
        }),
      ),
    ],
    rows: 'prompt',
    columns: { prompt: 'id', reward: 'scores', gold: 'is_correct', text: 'text' },
    rewards: { a: [3, 2, 1], b: [0, 5] },
    gold: [1, 0, 0, 1, 1],
  },
  {
    tool: 'PPE, best of K, numbered columns',
    files: [
      file(
        'mmlu.csv',
        'question_id,prompt,response_1,response_2,response_3,scores\n9,p,x,y,z,"[True, False, True]"\n10,q,x,y,z,"[False, False, True]"\n',
      ),
    ],
    rows: 'prompt',
    columns: { prompt: 'prompt', reward: 'scores', text: 'response' },
    rewards: { p: [1, 0, 1], q: [0, 0, 1] },
  },
  {
    tool: 'lm-evaluation-harness, logged samples',
    files: [
      file(
        'samples_a.jsonl',
        lines(
          { doc_id: 0, doc: { question: 'p' }, target: '4', resps: [['x']], filtered_resps: ['x'], exact_match: 1 },
          { doc_id: 1, doc: { question: 'q' }, target: '5', resps: [['y']], filtered_resps: ['y'], exact_match: 0 },
        ),
      ),
      file(
        'samples_b.jsonl',
        lines({
          doc_id: 0,
          doc: { question: 'p' },
          target: '4',
          resps: [['z']],
          filtered_resps: ['z'],
          exact_match: 0,
        }),
      ),
    ],
    rows: 'prompt',
    columns: { prompt: 'doc_id', reward: 'exact_match', gold: null },
    rewards: { 0: [1, 0], 1: [0] },
  },
  {
    tool: 'NeMo-Skills, a file a seed',
    files: [0, 1].map((seed) =>
      file(
        `output-rs${seed}.jsonl`,
        lines({
          problem: 'p',
          expected_answer: '4',
          predicted_answer: seed === 0 ? '4' : '5',
          generation: 'x',
          symbolic_correct: seed === 0,
          judgement: 'Judgement: No',
        }),
      ),
    ),
    rows: 'draft',
    columns: { prompt: 'problem', reward: 'symbolic_correct', answer: 'predicted_answer', text: 'generation' },
    rewards: { p: [1, 0] },
    answers: [0, 1],
  },
  {
    tool: 'distilabel, UltraFeedback',
    files: [
      file(
        'train.jsonl',
        lines(
          { instruction: 'p', generations: ['x', 'y'], ratings: ['4', '5'] },
          { instruction: 'q', generations: ['z', 'w'], ratings: [2, null] },
        ),
      ),
    ],
    rows: 'prompt',
    columns: { prompt: 'instruction', reward: 'ratings', text: 'generations' },
    rewards: { p: [4, 5], q: [2] },
  },
  {
    tool: 'human-eval, evalplus',
    files: [
      file(
        'samples.jsonl_results.jsonl',
        lines(
          { task_id: 'HumanEval/0', completion: 'x', result: 'passed', passed: true },
          { task_id: 'HumanEval/0', completion: 'y', result: 'failed', passed: false },
          { task_id: 'HumanEval/1', completion: 'z', result: 'failed', passed: false },
        ),
      ),
    ],
    rows: 'draft',
    columns: { prompt: 'task_id', reward: 'passed', gold: null, text: 'completion' },
    rewards: { 'HumanEval/0': [1, 0], 'HumanEval/1': [0] },
  },
  {
    tool: 'a table with names of its own',
    files: [
      file(
        'bon_table.csv',
        'prompt_id,sample_id,proxy_reward,gold_reward,n_chars,text_id\n0,0,0.3897,1,185,0\n0,1,0.375,0,138,1\n1,0,0.5,1,20,0\n',
      ),
    ],
    rows: 'draft',
    columns: { prompt: 'prompt_id', reward: 'proxy_reward', gold: 'gold_reward', length: 'n_chars', text: null },
    rewards: { 0: [0.3897, 0.375], 1: [0.5] },
    gold: [1, 0, 1],
  },
];

describe('each shape is recognised without help', () => {
  test.each(shapes)('$tool', async ({ files, rows, columns, rewards, gold, answers }) => {
    const { layout } = await recognise(files);
    expect(layout.rows).toBe(rows);
    expect(layout.columns).toMatchObject(columns);
    const { table } = await importDrafts(files, layout);
    const found: Record<string, number[]> = {};
    table.reward.forEach((reward, i) => {
      const prompt = table.prompts[table.prompt[i] ?? -1] ?? '';
      found[prompt] = [...(found[prompt] ?? []), reward];
    });
    expect(found).toEqual(rewards);
    if (gold) expect([...table.gold]).toEqual(gold);
    if (answers) {
      const seen = [...new Set(table.answer)];
      expect([...table.answer].map((answer) => seen.indexOf(answer))).toEqual(answers);
    }
  });
});
