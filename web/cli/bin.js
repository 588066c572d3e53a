#!/usr/bin/env node
// The command as npm installs it. In a checkout that was not built yet it says how.
import { existsSync } from 'node:fs';

const built = new URL('../../build/lib/node/cli.js', import.meta.url);
if (existsSync(built)) {
  const { main } = await import(built.href);
  await main(process.argv.slice(2));
} else {
  process.stderr.write('tiltlab: not built yet; run npm run build\n');
  process.exitCode = 1;
}
