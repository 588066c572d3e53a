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

/** Any error as one of ours: what is not is a defect of the engine. */
export const asTiltLabError = (error: unknown): TiltLabError =>
  error instanceof TiltLabError ? error : new TiltLabError('engine', String(error), '');

/** What crosses between threads, which keep no classes. */
export function refusalOf(error: unknown): { kind: string; message: string; path: string } {
  const { kind, message, path } = asTiltLabError(error);
  return { kind, message, path };
}

/** The least module there is: a browser that refuses it refuses all. */
const least = [0, 97, 115, 109, 1, 0, 0, 0];

function compiles(): boolean {
  try {
    new WebAssembly.Module(new Uint8Array(least));
    return true;
  } catch {
    return false;
  }
}

/** Why there is no engine and what helps, instead of what a browser says of it. */
export const noEngine = (): TiltLabError =>
  new TiltLabError(
    'start',
    compiles()
      ? 'The engine, which computes every number here, did not arrive or could not be started. Load the page again; if that does not help, try a newer browser.'
      : 'This browser, its settings or an extension blocks WebAssembly, with which every number here is computed. Allow it for this page, or open the page in another browser.',
    '',
  );
