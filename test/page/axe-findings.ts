import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** A browser reads the short one in half the time. */
const axeSource = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** What axe-core finds on a page as it stands, a line for each rule. */
export const axeFindings = async (page: Page): Promise<readonly string[]> => {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axeSource);
  const { violations, incomplete } = await page.evaluate<AxeResults>(
    'axe.run(document, { resultTypes: ["violations", "incomplete"], preload: false })',
  );
  // A label that screen readers may not read: axe does not decide where the element has text besides.
  const undecided = incomplete.filter(({ id }) => id === 'aria-prohibited-attr');
  return [...violations, ...undecided].map(
    ({ id, nodes }) => `${id}: ${nodes.length}, such as ${nodes[0]?.html}`,
  );
};
