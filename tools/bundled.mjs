// Notes what the builds put into their outputs, for the notices that go with them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A module's or a file's path from the root; of a package, from its `node_modules`; a bundler's own module keeps its name. */
function nameOf(id) {
  const path = id.replace(/^\0(?=\/.*\.deflated$)/, '').replace(/\.deflated$|[?#].*$/g, '');
  if (path.startsWith('\0') || !path.startsWith('/')) return path.replace('\0', 'virtual:');
  const at = path.lastIndexOf('/node_modules/');
  return at >= 0 ? path.slice(at + 1) : relative(root, path);
}

/** What builds have put into their outputs, and the plugin that notes it. */
export function bundledBy() {
  const modules = new Set();
  let base = root;
  const plugin = {
    name: 'note-bundled',
    configResolved(config) {
      base = config.root;
    },
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        const ids =
          output.type === 'chunk'
            ? Object.keys(output.modules)
            : (output.originalFileNames ?? []).map((file) => join(base, file));
        for (const id of ids) modules.add(nameOf(id));
      }
    },
  };
  return {
    plugin,
    /** The modules and files, in order, written to build/bundled/ for whoever checks them. */
    written(name) {
      const list = [...modules].sort();
      mkdirSync(join(root, 'build/bundled'), { recursive: true });
      writeFileSync(join(root, `build/bundled/${name}.json`), `${JSON.stringify(list, null, 1)}\n`);
      return list;
    },
  };
}
