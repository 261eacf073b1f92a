import type { Expectation, Path, PathEvent, PathSetup } from '../../src/verify/paths/path.ts';

/** What changes in a step, and what comes of it; absent: as it was before, and nothing. How the chart calls its states is left out. */
export type Outcome = Partial<Omit<Expectation, 'state'>>;

/** One event, what the node does then, and what may happen next: paths that begin alike share their first steps. */
export interface GoldenStep {
  readonly event: PathEvent;
  readonly outcome: Outcome;
  readonly next: readonly GoldenStep[];
}

/** Everything that may happen to one kind of node, from its start on. */
export interface GoldenTree {
  readonly setup: PathSetup;
  readonly next: readonly GoldenStep[];
}

/** A step that more may follow yet. */
type Draft = Omit<GoldenStep, 'next'> & { readonly next: Draft[] };

const between = ' => ';

/** A tree per block; a step per line, indented by its depth, so that a diff shows each step that does something else. */
export const textOf = (trees: readonly GoldenTree[]): string =>
  trees.map(({ setup, next }) => `${[JSON.stringify(setup), ...linesOf(next, ' ')].join('\n')}\n`).join('\n');

const linesOf = (steps: readonly GoldenStep[], indent: string): readonly string[] =>
  steps.flatMap(({ event, outcome, next }) => [
    `${indent}${JSON.stringify(event)}${between}${JSON.stringify(outcome)}`,
    ...linesOf(next, `${indent} `),
  ]);

/** Reads what `textOf` wrote. */
export const treesIn = (text: string): readonly GoldenTree[] =>
  text
    .trimEnd()
    .split('\n\n')
    .map((block) => {
      const [setup, ...lines] = block.split('\n');
      return { setup: JSON.parse(setup!) as PathSetup, next: stepsIn(lines) };
    });

const stepsIn = (lines: readonly string[]): readonly GoldenStep[] => {
  const first: Draft[] = [];
  // The steps that the next line may follow, by depth.
  const open: Draft[][] = [first];
  for (const line of lines) {
    const depth = line.search(/\S/) - 1;
    const [event, outcome] = line.trim().split(between);
    const siblings = open[depth];
    if (siblings === undefined || outcome === undefined) throw new Error(`no golden step: ${line}`);
    const step: Draft = { event: JSON.parse(event!), outcome: JSON.parse(outcome), next: [] };
    siblings.push(step);
    open.length = depth + 1;
    open.push(step.next);
  }
  return first;
};

/** The events of these paths; what comes of them is left open. */
export const treesOf = (paths: readonly Path[]): readonly GoldenTree[] => {
  const trees = new Map<string, { readonly setup: PathSetup; readonly next: Draft[] }>();
  for (const { voters, disk, settings, lacks, steps } of paths) {
    const setup = { voters, disk, settings, ...(lacks && { lacks }) };
    const key = JSON.stringify(setup);
    let tree = trees.get(key);
    if (tree === undefined) {
      tree = { setup, next: [] };
      trees.set(key, tree);
    }
    let { next } = tree;
    for (const { event } of steps) {
      const same = JSON.stringify(event);
      let step = next.find((each) => JSON.stringify(each.event) === same);
      if (step === undefined) {
        step = { event, outcome: {}, next: [] };
        next.push(step);
      }
      next = step.next;
    }
  }
  return [...trees.values()];
};
