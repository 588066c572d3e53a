import type { Answers, Question, Reply, Request } from './protocol.js';

/** What the worker refused: a line for the reader. */
export class Refused extends Error {}

interface Waiting {
  resolve(answer: never): void;
  reject(error: Error): void;
}

/** One worker and what it owes. */
class Hand {
  readonly #waiting = new Map<number, Waiting>();
  #ids = 0;

  constructor(readonly worker: Worker) {
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ('answer' in data) waiting?.resolve(data.answer as never);
      else waiting?.reject(data.isRefusal ? new Refused(data.failed) : new Error(data.failed));
    };
    worker.onerror = ({ message }) => this.fail(new Error(message || 'the worker did not start'));
  }

  ask<Q extends Question>(question: Q): Promise<Answers[Q['type']]> {
    const id = ++this.#ids;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.worker.postMessage({ ...question, id } satisfies Request);
    });
  }

  fail(error: Error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** Thrown where the reader stopped it. */
export class Stopped extends Error {}

/** Workers that share one model's drafts, which are the same whoever draws them. */
export class Hands {
  #hands: Hand[] = [];

  /** @param spawn makes one worker @param count how many */
  constructor(
    private readonly spawn: () => Promise<Worker>,
    readonly count: number,
  ) {}

  /** Gives all of them a model. */
  async take(files: { checkpoint: Uint8Array; tokenizer: Uint8Array } | null): Promise<Answers['model']> {
    if (this.#hands.length === 0)
      this.#hands = await Promise.all(Array.from({ length: this.count }, async () => new Hand(await this.spawn())));
    const [first] = await Promise.all(this.#hands.map((hand) => hand.ask({ type: 'model', files })));
    if (!first) throw new Error('no worker');
    return first;
  }

  /** Of any one of them: what needs no model or one alone. */
  ask<Q extends Question>(question: Q): Promise<Answers[Q['type']]> {
    const [hand] = this.#hands;
    if (!hand) return Promise.reject(new Error('no worker'));
    return hand.ask(question);
  }

  /**
   * Shares are asked for in their order, and handed on in it.
   * @param questions what each share is
   * @param onAnswer called with share 0, 1, 2 ..
   */
  async share<Q extends Question>(
    questions: readonly Q[],
    onAnswer: (answer: Answers[Q['type']], at: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const answers = new Map<number, Answers[Q['type']]>();
    let asked = 0;
    let told = 0;
    const work = async (hand: Hand) => {
      while (asked < questions.length) {
        if (signal.aborted) throw new Stopped('stopped');
        const at = asked++;
        answers.set(at, await hand.ask(questions[at] as Q));
        while (answers.has(told)) {
          if (signal.aborted) throw new Stopped('stopped');
          const answer = answers.get(told) as Answers[Q['type']];
          answers.delete(told);
          onAnswer(answer, told++);
        }
      }
    };
    await Promise.all(this.#hands.map(work));
  }

  stop() {
    for (const hand of this.#hands) {
      hand.worker.terminate();
      hand.fail(new Stopped('stopped'));
    }
    this.#hands = [];
  }
}
