import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const { version } = JSON.parse(read('package.json'));
const release = (...args: string[]) => spawnSync(join(root, 'tools/release'), args, { cwd: root, encoding: 'utf8' });

describe('a release, without publishing it', () => {
  const into = mkdtempSync(join(tmpdir(), 'tiltlab-release-'));

  test('goes through all its steps', () => {
    const { stdout, stderr, status } = release('--dry-run', '--into', into, '--source', 'https://example.org/tilt/lab');
    expect(`${status} ${stderr}`).toBe('0 ');
    expect(stdout.split('\n').map((line) => line.split(':')[0])).toEqual([
      'version',
      'tag',
      'changelog',
      'pack',
      'site',
      'archive',
      'checksums',
      '',
    ]);
    expect(readdirSync(into).sort()).toEqual(
      ['SHA256SUMS', 'notes.md', 'tilt-lab.html', `tilt-lab-site-${version}.tar.gz`, `tiltlab-${version}.tgz`].sort(),
    );
    // Packing states the repository, and leaves the tree as it was.
    const packed = execFileSync('tar', ['xzOf', join(into, `tiltlab-${version}.tgz`), 'package/package.json']);
    expect(JSON.parse(String(packed)).repository.url).toBe('git+https://example.org/tilt/lab.git');
    expect(JSON.parse(read('package.json')).repository).toBeUndefined();
  });

  test('its checksums are those of its files, its notes those of the changelog', () => {
    const sums = readFileSync(join(into, 'SHA256SUMS'), 'utf8').trim().split('\n');
    expect(sums).toHaveLength(3);
    for (const line of sums) {
      const [sum, file = ''] = line.split('  ');
      expect(
        createHash('sha256')
          .update(readFileSync(join(into, file)))
          .digest('hex'),
      ).toBe(sum);
    }
    expect(read('CHANGELOG.md')).toContain(readFileSync(join(into, 'notes.md'), 'utf8').trim());
  });

  test('its site lies in a folder of its version, and is the same bytes whenever it is packed', () => {
    const again = mkdtempSync(join(tmpdir(), 'tiltlab-release-'));
    release('--dry-run', '--into', again);
    const archive = `tilt-lab-site-${version}.tar.gz`;
    const bytes = readFileSync(join(into, archive));
    expect(readFileSync(join(again, archive)).equals(bytes)).toBe(true);
    const listed = execFileSync('tar', ['tzf', join(into, archive)], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(listed.filter((path) => !path.startsWith(`${version}/`))).toEqual([]);
    expect(listed).toEqual(expect.arrayContaining([`${version}/index.html`, `${version}/embed.js`]));
  });

  test('is refused under another tag, and of a tree that has no tag', () => {
    expect(release('--dry-run', '--into', into, '--tag', 'v0.0.1').stderr).toBe(
      `release: the tag v0.0.1 is not v${version}\n`,
    );
    const { status, stderr } = release('--into', into, '--tag', 'v0.0.1');
    expect([status, stderr]).toEqual([1, `release: the tag v0.0.1 is not v${version}\n`]);
  });

  test('the section of a version is told from those of others', async () => {
    const { sectionOf } = await import(new URL('../../tools/release.mjs', import.meta.url).href);
    const changelog = '# Changelog\n\n## 1.2.0\n\n- New.\n\n## 1.1.0\n\n- Old.\n';
    expect(sectionOf(changelog, '1.2.0')).toBe('- New.');
    expect(sectionOf(changelog, '1.1.0')).toBe('- Old.');
    expect(sectionOf(changelog, '1.1')).toBe('');
  });
});

test('the version stands in package.json: what repeats it is checked, and nothing else does', () => {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
    .trim()
    .split('\n')
    .filter((file) => existsSync(join(root, file)) && /\.(md|json|cff|mjs|ts|cpp|hpp|txt|yml|html|js)$/.test(file))
    .filter((file) => !/^(CHANGELOG\.md|package(-lock)?\.json|CITATION\.cff)$/.test(file))
    // Links and digests that must open for good state the version that wrote them.
    .filter((file) => !file.startsWith('tests/'));
  expect(files.length).toBeGreaterThan(200);
  const own = new RegExp(`\\b${version.replaceAll('.', '\\.')}\\b`);
  expect(files.filter((file) => own.test(read(file)))).toEqual([]);
});

describe('workflows', () => {
  const folder = join(root, '.github/workflows');
  interface Step {
    run?: string;
    uses?: string;
  }
  const workflows = readdirSync(folder).map((file) => ({
    file,
    jobs: parse(readFileSync(join(folder, file), 'utf8')).jobs as Record<string, { needs?: string; steps: Step[] }>,
  }));

  test('are those that test, deploy and release', () => {
    expect(workflows.map(({ file }) => file).sort()).toEqual(['pages.yml', 'release.yml', 'test.yml']);
  });

  test('run scripts and tools that are there, and jobs after those that they name', () => {
    const { scripts } = JSON.parse(read('package.json'));
    for (const { file, jobs } of workflows)
      for (const { needs, steps } of Object.values(jobs)) {
        if (needs) expect(Object.keys(jobs), file).toContain(needs);
        for (const { run = '', uses } of steps) {
          if (uses) expect(uses, file).toMatch(/^actions\/[\w-]+@v\d+$/);
          for (const [path] of run.matchAll(/(?:tools|\.ci)\/\w+/g))
            expect(existsSync(join(root, path)), path).toBe(true);
          for (const [, name = ''] of run.matchAll(/npm run ([\w:]+)/g)) expect(scripts, file).toHaveProperty([name]);
        }
      }
  });

  test('publish what the tests passed on, with provenance, and attach the page and the package', () => {
    const jobs = workflows.find(({ file }) => file === 'release.yml')?.jobs ?? {};
    const commands = Object.values(jobs).flatMap(({ steps }) => steps.map(({ run = '' }) => run));
    const at = (part: RegExp) => commands.findIndex((run) => part.test(run));
    expect(at(/\.ci\/run/)).toBeGreaterThanOrEqual(0);
    expect(at(/tools\/release --tag/)).toBeGreaterThan(at(/\.ci\/run/));
    expect(at(/gh release create .*tilt-lab\.html .*\.tgz/)).toBeGreaterThan(at(/tools\/release --tag/));
    expect(at(/npm publish .*\.tgz --provenance/)).toBeGreaterThan(at(/gh release create/));
  });
});

describe('what people meet first', () => {
  test('templates of issues ask for the link', () => {
    const fault = parse(read('.github/ISSUE_TEMPLATE/fault.yml')) as {
      body: { id: string; validations?: { required: boolean } }[];
    };
    expect(fault.body.find(({ id }) => id === 'link')?.validations?.required).toBe(true);
    const wish = parse(read('.github/ISSUE_TEMPLATE/wish.yml')) as { body: { id: string }[] };
    expect(wish.body.map(({ id }) => id)).toContain('link');
  });

  test('the README begins with a picture of the page, which is small', () => {
    const [, , picture = ''] = read('README.md').split('\n');
    const [, path = ''] = /^!\[.{20,}\]\((.+)\)$/.exec(picture) ?? [];
    const bytes = readFileSync(join(root, path));
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(bytes.length).toBeLessThan(150_000);
  });

  test('files that documents name are there', () => {
    for (const file of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md'])
      for (const [, path = ''] of read(file).matchAll(/`((?:tests|tools|web|docs|src)\/[\w./-]+)`/g))
        expect(
          existsSync(join(root, path)) || existsSync(join(root, path.replace(/\/$/, ''))),
          `${file}: ${path}`,
        ).toBe(true);
  });
});
