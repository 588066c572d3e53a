import { nothing, type TemplateResult } from 'lit';

/** What follows the story: on a site pages of their own, `web/onefile/more.ts` in one file. */
export const more = (): TemplateResult | typeof nothing => nothing;
