import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** The package as npm would publish it, installed in an empty folder without a network. */
export interface Packed {
  folder: string;
  /** Where the package lies there. */
  installed: string;
  /** What it holds, by its path. */
  files: string[];
}

export function installPacked(): Packed {
  const folder = mkdtempSync(join(tmpdir(), 'tiltlab-pack-'));
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' })) as [
    { filename: string; files: { path: string }[] },
  ];
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  const cache = join(folder, 'cache');
  mkdirSync(cache);
  execFileSync('npm', ['install', '--offline', '--cache', cache, join(folder, packed.filename)], {
    cwd: folder,
    stdio: 'pipe',
  });
  return {
    folder,
    installed: join(folder, 'node_modules/tiltlab'),
    files: packed.files.map(({ path }) => path),
  };
}
