/** Input that was refused or a computation that failed; the message is one line: field, value, rule. */
export class TiltLabError extends Error {
  override readonly name = 'TiltLabError';
  constructor(
    /** input: the caller can mend it; start: no engine here; numerical or engine: a defect or a limit of ours */
    readonly kind: string,
    message: string,
    /** The scenario's field, such as `model.tokens[1].p`; empty where none is to blame. */
    readonly path: string,
  ) {
    super(message);
  }
}

/** What browsers and compilers say of a fault is for whoever builds this. */
const saidOf = (error: unknown): string =>
  error instanceof WebAssembly.RuntimeError
    ? 'The engine stopped in the middle of its work, perhaps for want of memory.'
    : error instanceof Error && error.name !== 'Error'
      ? error.message
      : String(error);

/** Any error as one of ours: what is not is a defect of the engine. */
export const asTiltLabError = (error: unknown): TiltLabError =>
  error instanceof TiltLabError ? error : new TiltLabError('engine', saidOf(error), '');

/** What crosses between threads, which keep no classes. */
export function refusalOf(error: unknown): { kind: string; message: string; path: string } {
  const { kind, message, path } = asTiltLabError(error);
  return { kind, message, path };
}
