import type { Generation, LanguageEngine } from '../engine.js';
import { keptOf, mostOf, pickOf } from '../optimum.js';
import type { GeneratedDraft } from '../types.js';
import { type Answers, columnOf, type Drawn, type Question, type Reply, type Request } from './protocol.js';

/** What a worker has to work with. */
export interface Means {
  engine: () => Promise<LanguageEngine>;
  shipped: () => { checkpoint: Uint8Array; tokenizer: Uint8Array };
  lexicon: () => string;
  post: (reply: Reply) => void;
}

const together = 128;

function drawnOf(drafts: readonly GeneratedDraft[], rewards: Float64Array): Drawn {
  const ends = new Uint32Array(drafts.length);
  let end = 0;
  drafts.forEach(({ tokens }, i) => {
    end += tokens.length;
    ends[i] = end;
  });
  const tokens = new Uint32Array(end);
  drafts.forEach((draft, i) => {
    tokens.set(draft.tokens, i === 0 ? 0 : ends[i - 1]);
  });
  return {
    texts: drafts.map(({ text }) => text),
    logprobs: Float64Array.from(drafts, ({ logprob }) => logprob),
    tokens,
    ends,
    rewards,
  };
}

/** Answers what is asked of one language model. */
export class Server {
  readonly #means: Means;
  #isReady = false;

  constructor(means: Means) {
    this.#means = means;
  }

  async handle(request: Request): Promise<void> {
    const { id } = request;
    try {
      this.#means.post({ id, answer: await this.#answer(request) });
    } catch (error) {
      const { name, message } = error as Error;
      this.#means.post({ id, failed: message, isRefusal: name === 'TiltLabError' });
    }
  }

  async #answer(question: Question): Promise<Answers[keyof Answers]> {
    const engine = await this.#means.engine();
    if (!this.#isReady) engine.readLexicon(this.#means.lexicon());
    this.#isReady = true;
    switch (question.type) {
      case 'model': {
        const { checkpoint, tokenizer } = question.files ?? this.#means.shipped();
        return { shape: engine.read(checkpoint, tokenizer), version: engine.version };
      }
      case 'draw': {
        const { generation, reward, words } = question;
        const drafts = engine.generate(generation);
        const texts = drafts.map(({ text }) => text);
        return drawnOf(drafts, engine.beginnings(reward, texts, words));
      }
      case 'judge': {
        const { rewards, words, lengths, klPerWord, seed } = question;
        return lengths.map((length) =>
          engine.equivalence(columnOf(rewards, words, length - 1), klPerWord * length, seed),
        );
      }
      case 'pick':
        return pickOf(engine, question.rewards, question);
      case 'law':
        return engine.lawOf(question.rewards);
      case 'words':
        return question.texts.map((text) => engine.rewardedWords(question.reward, text));
      case 'check':
        return this.#check(engine, question);
      case 'reject':
        return this.#reject(engine, question);
    }
  }

  #check(engine: LanguageEngine, { reward, prompt, length, drafts, kl, seed }: Extract<Question, { type: 'check' }>) {
    const listed = engine.enumerate({ prompt, length }, reward);
    const settings: Generation = { prompt, length, seed };
    const texts: string[] = [];
    for (let first = 0; first < drafts; first += together)
      for (const { text } of engine.generate({ ...settings, first, n: Math.min(together, drafts - first) }))
        texts.push(text);
    const rewards = engine.rewards(reward, texts);
    const drawn = engine.equivalence(rewards, kl, seed);
    const most = mostOf(engine, reward, length);
    return { listed, drawn, rewards, most, acceptance: engine.acceptance(rewards, drawn.alpha, most) };
  }

  #reject(engine: LanguageEngine, question: Extract<Question, { type: 'reject' }>) {
    const { places, reward } = keptOf(engine, question.rewards, question);
    return { drafts: places.length, reward };
  }
}
