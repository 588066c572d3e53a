import { TiltLabError } from '../scenario/error.js';

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
