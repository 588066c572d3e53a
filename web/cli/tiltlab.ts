import { readFileSync } from 'node:fs';
import { loadEngine, parseScenarioText, TiltLabError } from '../engine/index.js';

const usage = `tiltlab: best-of-N against KL-constrained RL

  tiltlab evaluate FILE|-   the report of a scenario, as JSON
  tiltlab --version         the engine's version
  tiltlab --help            this text
`;

class UsageError extends Error {}

function readInput(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`;
    throw new UsageError(`${file}: ${reason}`);
  }
}

async function run([command, ...args]: string[]): Promise<string> {
  switch (command) {
    case 'evaluate': {
      const [file, ...rest] = args;
      if (file === undefined || rest.length > 0)
        throw new UsageError('evaluate: needs one FILE, or - for standard input');
      const scenario = parseScenarioText(readInput(file));
      const engine = await loadEngine();
      return `${JSON.stringify(engine.evaluate(scenario), null, 1)}\n`;
    }
    case '--version':
      return `${(await loadEngine()).version}\n`;
    case '--help':
    case '-h':
    case undefined:
      return usage;
    default:
      throw new UsageError(`${JSON.stringify(command)} is not one of evaluate, --version, --help`);
  }
}

try {
  process.stdout.write(await run(process.argv.slice(2)));
} catch (error) {
  // Refusals are one line and exit code 2; anything else is a defect and shows itself whole.
  if (!(error instanceof TiltLabError || error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
