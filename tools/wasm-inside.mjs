// Plugins for builds whose scripts hold files that others fetch.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';

/** A file inside of a script: deflated, since base64 of what is not deflated compresses badly. */
export const deflated = {
  name: 'deflated',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source.endsWith('?deflated')
      ? `\0${new URL(source.replace(/\?.*/, ''), `file://${importer}`).pathname}.deflated`
      : null,
  load: (id) =>
    /^\0.*\.deflated$/.test(id)
      ? `export default ${JSON.stringify(deflateRawSync(readFileSync(id.slice(1, -'.deflated'.length)), { level: 9 }).toString('base64'))};`
      : null,
};

/** The glue's own address of its wasm, which would put the file into the script a second time, or have it fetched. */
export const noAddress = {
  name: 'no-address',
  enforce: 'pre',
  transform: (code, id) =>
    /\/tiltlab_\w+\.mjs$/.test(id)
      ? code.replaceAll(/new URL\("(tiltlab_\w+\.wasm)",\s*import\.meta\.url\)/g, '"$1"')
      : null,
};

/** Modules of the engine that `web/<folder>` has a variant of. */
export const variants = (folder, ...names) => ({
  name: 'variants',
  enforce: 'pre',
  resolveId(source, importer) {
    const name = /\/engine\//.test(importer ?? '') && /^\.\/([\w-]+)\.js$/.exec(source)?.[1];
    return name && names.includes(name) ? fileURLToPath(new URL(`../web/${folder}/${name}.ts`, import.meta.url)) : null;
  },
});
