/** Emscripten's glue, as it leaves the compiler. */
declare module '*/tiltlab_core.mjs' {
  export { default } from './module.js';
}
