import { type ChartModel, type TransitionModel, transitionsOf } from '../../statechart/read/model.ts';
import type { SourceIndex } from '../../statechart/read/source-index.ts';
import type { NamedTest, TestIndex } from '../../statechart/read/test-index.ts';
import type { NameDetails, PageDetails, TestPlace } from './page-data.ts';

/** What is known of our own charts alone. */
export interface OwnKnowledge {
  readonly tests: TestIndex;
  readonly bugsPreventedBy: (name: string) => readonly string[];
}

/** What is known of a chart's names and transitions: where they are defined, what tests them, which bugs they rule out. */
export const detailsOf = (
  chart: ChartModel,
  chartText: string,
  sources: SourceIndex,
  own: OwnKnowledge | null,
): PageDetails => {
  const places: TestPlace[] = [];
  const numberOf = ({ path, name }: NamedTest): number => {
    const at = places.findIndex((place) => place.path === path && place.name === name);
    return at >= 0 ? at : places.push({ path, name }) - 1;
  };
  const names = [...chart.guards, ...chart.actions, ...chart.delays].flatMap(
    (name): readonly (readonly [string, NameDetails])[] => {
      const place = sources.rule(name);
      return place === null ? [] : [[name, { ...place, prevents: own?.bugsPreventedBy(name) ?? [] }]];
    },
  );
  const lines = linesOf(chart, chartText);
  const transitions = transitionsOf(chart).map((transition) => {
    const tests = own === null ? [] : testsOf(transition, own.tests).map(numberOf);
    return [transition.id, { line: lines.get(transition.id) ?? null, tests }] as const;
  });
  return {
    names: Object.fromEntries(names),
    transitions: Object.fromEntries(transitions),
    tests: own === null ? null : places,
    problem: null,
  };
};

/** By its guard if it has one, since that tells it apart; else by its actions; else tests of its section that send its event. */
const testsOf = (transition: TransitionModel, tests: TestIndex): readonly NamedTest[] => {
  const actions = transition.actions.map(({ name }) => name).filter((name) => name !== 'ignore');
  const own = transition.guard === null ? actions : [transition.guard, ...actions];
  const named = [...new Set(own.flatMap((name) => tests.mentioning(name)))];
  if (named.length > 0) return named;
  const sections = transition.rule?.match(/§\d+(?:\.\d+)*/g) ?? [];
  return [...new Set(sections.flatMap((section) => tests.citing(section, transition.trigger)))];
};

/** The line of each transition's sentence. States stand in the file in the order of the model, so equal sentences are told apart by it. */
const linesOf = (chart: ChartModel, text: string): ReadonlyMap<string, number> => {
  const found = new Map<string, number>();
  for (const [description, same] of Map.groupBy(transitionsOf(chart), (each) => each.description)) {
    if (description === null) continue;
    // The formatter prefers single quotes, but for a sentence that has an apostrophe.
    const written = [`'${description}'`, `"${description}"`];
    const lines = text
      .split('\n')
      .flatMap((line, at) => (written.some((each) => line.includes(each)) ? [at + 1] : []));
    if (lines.length !== same.length) continue;
    for (const [at, { id }] of same.entries()) found.set(id, lines[at]!);
  }
  return found;
};
