import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe-core finds on a page as it stands, a line for each rule. */
export const axeFindings = async (page: Page): Promise<readonly string[]> => {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axe.source);
  const { violations, incomplete } = await page.evaluate<axe.AxeResults>('axe.run(document)');
  // A label that screen readers may not read: axe does not decide where the element has text besides.
  const undecided = incomplete.filter(({ id }) => id === 'aria-prohibited-attr');
  return [...violations, ...undecided].map(
    ({ id, nodes }) => `${id}: ${nodes.length}, such as ${nodes[0]?.html}`,
  );
};
