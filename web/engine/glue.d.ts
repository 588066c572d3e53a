/** Emscripten's glue, as it leaves the compiler. */
declare module '*/tiltlab_core.mjs' {
  export { createCore as default } from './module.js';
}
declare module '*/tiltlab_full.mjs' {
  export { createFull as default } from './module.js';
}
declare module '*/tiltlab_samples.mjs' {
  export { createSamples as default } from './module.js';
}
declare module '*/tiltlab_language.mjs' {
  export { createLanguage as default } from './module.js';
}
declare module '*.wasm?deflated' {
  const text: string;
  export default text;
}
declare module '*.tsv?deflated' {
  const text: string;
  export default text;
}
declare module '*.bin?deflated' {
  const text: string;
  export default text;
}
declare module 'worker-source' {
  const text: string;
  export default text;
}
declare module 'worker-source:*' {
  const text: string;
  export default text;
}
