import type { Bound } from '../../read/model.ts';
import { isOwnEvent } from '../../read/xstate-internals.ts';
import type { Facts } from '../facts.ts';
import type { Problem, Rule } from '../finding.ts';
import { type NameKind, namedIn, namesIn, sourcesIn, type Use, usesIn } from '../uses.ts';

const tables: Readonly<Record<NameKind, keyof Bound>> = {
  guard: 'guards',
  action: 'actions',
  delay: 'delays',
  actor: 'actors',
};

/** What XState does when it comes to the name. */
const outcomes: Readonly<Record<NameKind, string>> = {
  guard: 'the machine fails when it asks for it',
  action: 'XState skips it without a word',
  delay: 'XState takes it for no delay at all and goes on at once',
  actor: 'the machine fails when it starts it',
};

export const unboundName: Rule = {
  name: 'unbound-name',
  severity: 'warning',
  description:
    'A guard, an action, a delay or an actor that the chart names and nobody provides, while others are provided.',
  check: (facts) => {
    const { bound } = facts.chart;
    // A chart to which nothing is bound is provided for as a whole, where it is run.
    if (Object.values(bound).every((table) => Object.keys(table).length === 0)) return [];
    const missing = usesIn(facts).filter(({ kind, name }) => !(name in bound[tables[kind]]) && !isOwn(name));
    return firstOfEach(missing).map(({ kind, name, state, transition }) => ({
      state,
      ...(transition === null ? {} : { transition }),
      message: `State ${facts.name(state)} names the ${kind} ${name}, which is not bound: ${outcomes[kind]}. Add it to setup({ ${tables[kind]} }), or to provide where the machine is run.`,
    }));
  },
};

const isOwn = (name: string): boolean => isOwnEvent(name) || name.startsWith('inline ');

const firstOfEach = (uses: readonly Use[]): readonly Use[] =>
  [...new Map(uses.toReversed().map((use) => [`${use.kind} ${use.name}`, use])).values()].toReversed();

export const unusedBinding: Rule = {
  name: 'unused-binding',
  severity: 'info',
  description: 'A guard, an action, a delay or an actor that is provided and that the chart never names.',
  check: (facts) => {
    const used = new Set(
      [...usesIn(facts), ...usesInBound(facts)].map(({ kind, name }) => `${kind} ${name}`),
    );
    const sources = sourcesIn(facts.chart);
    return (Object.keys(tables) as NameKind[]).flatMap((kind) =>
      Object.keys(facts.chart.bound[tables[kind]])
        .filter((name) => !used.has(`${kind} ${name}`) && !isQuoted(sources, name) && !isOpen(kind, sources))
        .map(
          (name): Problem => ({
            state: facts.chart.root.id,
            message: `The ${kind} ${name} is bound, and the chart never names it. Use it, or remove it from setup({ ${tables[kind]} }).`,
          }),
        ),
    );
  },
};

/** Names that bound guards and actions name. */
const usesInBound = ({ chart: { bound } }: Facts): readonly Pick<Use, 'kind' | 'name'>[] => [
  ...Object.values(bound.guards).flatMap((guard) =>
    namesIn(guard).map((name) => ({ kind: 'guard' as const, name })),
  ),
  ...Object.values(bound.actions).flatMap(({ own }) => (own === null ? [] : namedIn(own))),
];

/** Whether actions are enqueued whose names nobody can see: by a computed name, or in a function that `enqueue` is handed to. */
const isOpen = (kind: NameKind, sources: readonly string[]): boolean =>
  kind === 'action' &&
  sources.some((source) => {
    const rest = source.replaceAll(
      /\benqueue\s*(?:\.\w+\s*)?\(\s*(?:\{\s*type:\s*)?['"`]|\benqueue\.\w+\s*\(/g,
      '',
    );
    // Once among the parameters.
    return (rest.match(/\benqueue\b/g) ?? []).length > 1;
  });

/** Whether a function writes the name as a string, as `enqueue('name')` does. */
const isQuoted = (sources: readonly string[], name: string): boolean =>
  ["'", '"', '`'].some((quote) => sources.some((source) => source.includes(`${quote}${name}${quote}`)));
