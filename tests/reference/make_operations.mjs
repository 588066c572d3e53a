// Writes operations.json: the digest of all that the engine as it is built finds of each scenario of verify.html.
//
//   npm run build && node tests/reference/make_operations.mjs
import { writeFileSync } from 'node:fs';
import { computeDigests } from '../../tools/digests.mjs';

const { engine, names, digests } = await computeDigests();
const file = new URL('operations.json', import.meta.url);
const byName = Object.fromEntries(names.map((name, i) => [name, digests[i]]));
writeFileSync(file, `${JSON.stringify({ engine, digests: byName }, null, 1)}\n`);
