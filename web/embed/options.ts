import { figures } from '../figures/registry.js';
import { quote } from '../link/reader.js';
import { TiltLabError } from '../scenario/error.js';

const parts = ['chart', 'caption', 'sentence', 'controls'] as const;
export type Part = (typeof parts)[number];
const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const backgrounds = ['paper', 'transparent'] as const;

/** What an author chose in the query: `?view=frontier&show=chart,controls&theme=auto&background=transparent&font=Georgia`. */
export interface Options {
  /** Name of a figure. */
  view: string;
  show: ReadonlySet<Part>;
  theme: Theme;
  /** Whether the page around shows through. */
  isTransparent: boolean;
  /** Names of fonts of the reader's system, as CSS lists them; null for the system's own. */
  font: string | null;
}

/** Names that say what a figure shows. */
const otherNames: Record<string, string> = { convergence: 'gap' };

export const isTheme = (text: unknown): text is Theme => themes.some((theme) => theme === text);

/** Never throws: what cannot be read is named in `problems`, and its default stands in. */
export function readOptions(search: string): { options: Options; problems: TiltLabError[] } {
  const query = new URLSearchParams(search);
  const problems: TiltLabError[] = [];
  const refuse = (name: string, value: string, rule: string) =>
    problems.push(new TiltLabError('input', `${name}: ${quote(value)} is not ${rule}`, name));
  const asked = query.get('view') ?? 'frontier';
  const view = otherNames[asked] ?? asked;
  const isKnown = Object.hasOwn(figures, view);
  if (!isKnown) refuse('view', asked, `one of ${Object.keys(figures).join(', ')}`);
  const askedParts = (query.get('show') ?? 'chart,caption,controls').split(',').filter(Boolean);
  const odd = askedParts.find((part) => !parts.some((known) => known === part));
  if (odd !== undefined) refuse('show', odd, `one of ${parts.join(', ')}`);
  const theme = query.get('theme') ?? 'auto';
  if (!isTheme(theme)) refuse('theme', theme, `one of ${themes.join(', ')}`);
  const background = query.get('background') ?? 'paper';
  if (!backgrounds.some((known) => known === background))
    refuse('background', background, `one of ${backgrounds.join(', ')}`);
  const font = query.get('font');
  const isFont = font !== null && /^[\w ,'"-]{1,200}$/.test(font) && CSS.supports('font-family', font);
  if (font !== null && !isFont) refuse('font', font, 'a list of names of fonts, as in Georgia, serif');
  return {
    options: {
      view: isKnown ? view : 'frontier',
      show: new Set(parts.filter((part) => askedParts.includes(part))),
      theme: isTheme(theme) ? theme : 'auto',
      isTransparent: background === 'transparent',
      font: isFont ? font : null,
    },
    problems,
  };
}
