/** Input that was refused or a computation that failed; the message is one line: field, value, rule. */
export class TiltLabError extends Error {
  override readonly name = 'TiltLabError';
  constructor(
    /** input: the caller can mend it; numerical or engine: a defect or a limit of ours */
    readonly kind: string,
    message: string,
    /** The scenario's field, such as `model.tokens[1].p`; empty where none is to blame. */
    readonly path: string,
  ) {
    super(message);
  }
}
