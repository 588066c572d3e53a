// The steps of a release, one after another; the first that fails says why. See tools/release.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file) => readFileSync(join(root, file), 'utf8');
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

class Refusal extends Error {}
const refuse = (reason) => {
  throw new Refusal(reason);
};

/** The version, which stands in package.json; whatever must repeat it says the same. */
async function versionStep() {
  const { version } = JSON.parse(read('package.json'));
  const lock = JSON.parse(read('package-lock.json'));
  const repeated = {
    'package-lock.json': lock.version,
    "package-lock.json's package": lock.packages[''].version,
    'CITATION.cff': /^version: (.*)$/m.exec(read('CITATION.cff'))?.[1],
  };
  if (!existsSync(join(root, 'build/lib/node/index.js'))) refuse('nothing is built: npm run build');
  const { loadEngine } = await import('../build/lib/node/index.js');
  repeated['the engine that is built'] = (await loadEngine()).version;
  for (const [where, found] of Object.entries(repeated))
    if (found !== version) refuse(`${where} has version ${found}, package.json ${version}`);
  return version;
}

/** The tag is v and the version; of a release it stands at this commit, and nothing is changed beside it. */
function tagStep(version, asked, isDry) {
  const tag = `v${version}`;
  if (asked !== undefined && asked !== tag) refuse(`the tag ${asked} is not ${tag}`);
  if (isDry) return tag;
  if (git('status', '--porcelain') !== '') refuse('the tree has changes that are not committed');
  if (!git('tag', '--points-at', 'HEAD').split('\n').includes(tag)) refuse(`this commit has no tag ${tag}`);
  return tag;
}

/** What the changelog says of the version, in its section. */
export function sectionOf(changelog, version) {
  const parts = changelog.split(/^## /m).slice(1);
  const part = parts.find((text) => text.split('\n')[0].trim() === version);
  return part?.slice(part.indexOf('\n')).trim() ?? '';
}

const pack = (from, into) => {
  const command = ['pack', '--ignore-scripts', '--json', '--pack-destination', into];
  const [packed] = JSON.parse(
    execFileSync('npm', command, { cwd: from, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  return packed;
};

/** The same package, which states its repository: a publication with provenance must, and a checkout does not know it. */
function packWithSource(into, source) {
  const apart = mkdtempSync(join(tmpdir(), 'tiltlab-release-'));
  const { filename } = pack(root, apart);
  execFileSync('tar', ['xzf', join(apart, filename), '-C', apart]);
  const file = join(apart, 'package/package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  manifest.repository = { type: 'git', url: `git+${source}.git` };
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  const packed = pack(join(apart, 'package'), into);
  rmSync(apart, { recursive: true });
  return packed;
}

/** The package, and what must be in it. @param source the repository's address, if it is known */
function packStep(into, source) {
  const packed = source === undefined ? pack(root, into) : packWithSource(into, source);
  const { filename, files, size } = packed;
  const held = new Set(files.map(({ path }) => path));
  const { exports, bin } = JSON.parse(read('package.json'));
  const named = [
    ...Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? entry : Object.values(entry))),
  ];
  for (const path of [...named, ...Object.values(bin), 'build/lib/LICENSES.txt', 'dist/LICENSES.txt', 'LICENSE'])
    if (!held.has(path.replace('./', ''))) refuse(`the package lacks ${path}`);
  return { filename, size };
}

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };

/** Files that a document or a style sheet asks for by itself, as they are written there. */
const asksFor = (text) => [
  ...[...text.matchAll(/<(?:script|link|img)\b[^>]*?\b(?:src|href)="([^"]+)"/g)].map(([, path]) => path),
  ...[...text.matchAll(/\bdata-(?:module|imports|classic)="([^"]+)"/g)].flatMap(([, paths]) => paths.split(' ')),
  ...[...text.matchAll(/url\(["']?([^"')]+)["']?\)/g)].map(([, path]) => path),
];

/** The site as a host serves it that gives it a folder of its own: whatever its documents ask for is there, and in that folder. */
async function siteStep(site) {
  const folder = '/a/folder/';
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://host');
    const file = join(site, normalize(decodeURIComponent(pathname.slice(folder.length))));
    const isThere = pathname.startsWith(folder) && existsSync(file) && extname(file) !== '';
    response.writeHead(isThere ? 200 : 404, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
    response.end(isThere ? readFileSync(file) : '');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  try {
    const base = `http://127.0.0.1:${server.address().port}${folder}`;
    const waiting = readdirSync(site).filter((file) => file.endsWith('.html') && file !== 'tilt-lab.html');
    const seen = new Set();
    while (waiting.length > 0) {
      const address = new URL(waiting.pop(), base);
      if (seen.has(address.pathname)) continue;
      seen.add(address.pathname);
      const response = await fetch(address);
      if (!response.ok) refuse(`the site asks for ${address.pathname} under ${folder}, which is not there`);
      if (!/html|css/.test(response.headers.get('content-type'))) continue;
      const asked = asksFor(await response.text()).filter((path) => !/^(data:|blob:|https?:|#|mailto:)/.test(path));
      waiting.push(...asked.map((path) => new URL(path, address).href));
    }
    return seen.size;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** One version's site as an archive that is the same whoever packs it; it unpacks in build/releases/. */
function archiveStep(version, into) {
  const name = `tilt-lab-site-${version}.tar.gz`;
  const tar = execFileSync(
    'tar',
    ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '-cf', '-', version],
    { cwd: join(root, 'build/releases'), maxBuffer: 2 ** 28 },
  );
  writeFileSync(join(into, name), execFileSync('gzip', ['-9n'], { input: tar, maxBuffer: 2 ** 28 }));
  copyFileSync(join(root, 'dist/tilt-lab.html'), join(into, 'tilt-lab.html'));
  return name;
}

/** As sha256sum writes and checks them. */
function checksumStep(into) {
  const sums = readdirSync(into)
    .filter((file) => !['SHA256SUMS', 'notes.md'].includes(file))
    .sort()
    .map(
      (file) =>
        `${createHash('sha256')
          .update(readFileSync(join(into, file)))
          .digest('hex')}  ${file}\n`,
    );
  writeFileSync(join(into, 'SHA256SUMS'), sums.join(''));
  return sums.length;
}

async function release() {
  const { values } = parseArgs({
    options: {
      'dry-run': { type: 'boolean', default: false },
      tag: { type: 'string' },
      source: { type: 'string' },
      into: { type: 'string' },
    },
  });
  const say = (step, what) => process.stdout.write(`${step}: ${what}\n`);
  const into = resolve(values.into ?? join(root, 'build/to-publish'));
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });

  const version = await versionStep();
  say('version', version);
  say('tag', tagStep(version, values.tag, values['dry-run']));
  const notes = sectionOf(read('CHANGELOG.md'), version);
  if (notes === '') refuse(`CHANGELOG.md has no section ${version}`);
  writeFileSync(join(into, 'notes.md'), `${notes}\n`);
  say('changelog', `${notes.split('\n').length} lines`);
  const { filename, size } = packStep(into, values.source);
  say('pack', `${filename}, ${Math.round(size / 1000)} kB`);
  say('site', `${await siteStep(join(root, 'dist'))} files are found under a folder`);
  say('archive', archiveStep(version, into));
  say('checksums', `${checksumStep(into)} files`);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  release().catch((error) => {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`release: ${error.message}\n`);
    process.exitCode = 1;
  });
