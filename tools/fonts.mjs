// Makes the fonts in web/fonts/: of Inter and Newsreader the weights and features that the page uses, two thirds of what
// their packages hold; of STIX Two Math the signs of formulas, with the table that says how fractions, roots and brackets
// are set, and math.txt, the list of these signs. Run when a formula has a sign that is not in it, which a test says:
//
//   node tools/fonts.mjs          needs npm's registry and Debian's python3-fonttools and python3-brotli
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import formulas from '../web/generated/formulas.js';
import { signsOf } from './math-signs.mjs';

const root = new URL('../', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'tiltlab-fonts-'));
const run = (command, ...args) => execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
const python = (...args) => run('/usr/bin/python3', '-m', ...args);
mkdirSync(`${root}web/fonts`, { recursive: true });

function subset(from, to, signs, features) {
  const file = `${root}web/fonts/${to}.woff2`;
  const rest = ['--flavor=woff2', '--no-hinting', '--notdef-outline', `--layout-features=${features}`];
  python('fontTools.subset', from, signs, ...rest, `--output-file=${file}`);
  console.log(`${to}: ${statSync(file).size} bytes`);
}

for (const [name, weights] of [
  ['inter', '400:650'],
  ['newsreader', '400:600'],
]) {
  const whole = `${root}node_modules/@fontsource-variable/${name}/files/${name}-latin-wght-normal.woff2`;
  python('fontTools.varLib.instancer', whole, `wght=${weights}`, '-o', `${name}.woff2`);
  subset(`${name}.woff2`, name, '--unicodes=*', 'kern,mark,mkmk,ccmp,locl,rvrn,liga,tnum');
}

run('npm', 'pack', '@fontsource/stix-two-math@5.3.0');
run('sh', '-c', 'tar xzf *.tgz --strip-components=1');
/** What the next formula may be made of. */
const alphabet =
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzΓΔΘΛΞΠΣΦΨΩαβγδεζηθικλμνξπρστφχψω0123456789()[]{}|‖,.;:!+−±×·/=≠<>≤≥≈∼→⇒↦∞∂∈∑∏∫√′…ℝ𝔼ℙ';
const signs = signsOf([...Object.values(formulas), alphabet]);
writeFileSync(join(folder, 'signs.txt'), signs.join(''));
subset('files/stix-two-math-latin-400-normal.woff2', 'math', '--text-file=signs.txt', 'ssty,dtls,flac');
writeFileSync(`${root}web/fonts/math.txt`, `${signs.join('')}\n`);
writeFileSync(
  `${root}docs/licenses/stix-two-math.txt`,
  `${readFileSync(join(folder, 'LICENSE'), 'utf8').replaceAll('\r\n', '\n').trimEnd()}\n`,
);
