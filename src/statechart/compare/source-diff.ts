import { structuredPatch } from 'diff';
import type { ChartModel } from '../read/model.ts';
import type { SourcePlace } from '../read/source-index.ts';
import type { Declaration, Definition, MachineSources } from '../source/machine-sources.ts';
import { matchDefinitions } from './source-match.ts';
import { type SourceUser, usersOf } from './source-users.ts';

/** Lines of a definition that changed, with some around them, as `git diff` shows them. */
export interface Hunk {
  /** In their files, from 1 on. */
  readonly beforeLine: number;
  readonly afterLine: number;
  /** The first character of each is its sign: `+`, `-` or a space. */
  readonly lines: readonly string[];
}

/** A definition that reads otherwise, appeared or disappeared: of a rule, of what a rule calls or reads, or of a function in the config. */
export interface SourceChange {
  readonly change: 'added' | 'removed' | 'changed';
  /** Empty for what has no name: a function in the config. Its only user tells its place. */
  readonly name: string;
  readonly before: SourcePlace | null;
  readonly after: SourcePlace | null;
  readonly hunks: readonly Hunk[];
  /** The guards, actions, delays, actors and functions in the config that come to it, and where the chart uses these. */
  readonly users: readonly SourceUser[];
}

/** A machine, and where what it does is defined. */
export interface SourcedChart {
  readonly chart: ChartModel;
  readonly sources: MachineSources;
}

interface Pair {
  readonly before: number;
  readonly after: number;
}

/** Compares the definitions behind two machines. A definition that was only moved, renamed, reformatted or typed otherwise is the same. */
export const diffSources = (before: SourcedChart, after: SourcedChart): readonly SourceChange[] => {
  const matched = matchDefinitions(before, after);
  const { changed, partnersOfBefore, partnersOfAfter } = comparePairs(
    before.sources,
    after.sources,
    matched.pairs,
  );
  // What a changed definition no longer calls is seen in its lines; what it newly calls is shown as well, since it may be new.
  const gone = matched.removed
    .flatMap(({ roots }) => roots.slice(0, 1))
    .filter((at) => !partnersOfBefore.has(at));
  const fresh = reached(after.sources, [...matched.pairs.map((pair) => pair[1]), ...matched.added]).filter(
    (at) => !partnersOfAfter.has(at),
  );
  const changes = outermost(
    [
      ...changed.map((pair) => ({ change: 'changed' as const, ...pair })),
      ...gone.map((at) => ({ change: 'removed' as const, before: at, after: null })),
      ...fresh.map((at) => ({ change: 'added' as const, before: null, after: at })),
    ],
    before.sources,
    after.sources,
  );
  if (changes.length === 0) return [];
  const users = { before: usersOf(before), after: usersOf(after) };
  return changes.map(({ change, befores, afters }): SourceChange => {
    const [old] = befores.map((at) => before.sources.declarations[at]!);
    const [now] = afters.map((at) => after.sources.declarations[at]!);
    return {
      change,
      name: (now ?? old)!.name,
      before: placeOf(old),
      after: placeOf(now),
      hunks: hunksOf(old, now),
      users: afters.length > 0 ? users.after(afters) : users.before(befores),
    };
  });
};

/** Walks both sides at once from pairs of definitions: what two equal declarations name, by position, is a pair again. */
const comparePairs = (
  before: MachineSources,
  after: MachineSources,
  definitions: readonly (readonly [Definition, Definition])[],
): {
  readonly changed: readonly Pair[];
  readonly partnersOfBefore: ReadonlySet<number>;
  readonly partnersOfAfter: ReadonlySet<number>;
} => {
  const seen = new Map<string, Pair>();
  const meet = (old: number, now: number) => {
    seen.set(`${old} ${now}`, seen.get(`${old} ${now}`) ?? { before: old, after: now });
  };
  for (const [old, now] of definitions) {
    for (const [at, root] of old.roots.entries()) if (now.roots[at] !== undefined) meet(root, now.roots[at]);
  }
  const changed: Pair[] = [];
  // What is met meanwhile is walked as well.
  for (const pair of seen.values()) {
    const [old, now] = [before.declarations[pair.before]!, after.declarations[pair.after]!];
    if (old.form === now.form && namesTheSame(before, after, old, now)) {
      for (const [at, ref] of old.refs.entries()) meet(ref, now.refs[at]!);
    } else {
      changed.push(pair);
      for (const [ref, other] of pairRefs(before, after, old, now)) meet(ref, other);
    }
  }
  const pairs = [...seen.values()];
  return {
    changed,
    partnersOfBefore: new Set(pairs.map((pair) => pair.before)),
    partnersOfAfter: new Set(pairs.map((pair) => pair.after)),
  };
};

/** Whether each name is the same, or another one for the same: otherwise something else is called here. */
const namesTheSame = (
  before: MachineSources,
  after: MachineSources,
  old: Declaration,
  now: Declaration,
): boolean =>
  old.refs.every((ref, at) => {
    const [a, b] = [before.declarations[ref]!, after.declarations[now.refs[at]!]!];
    return a.name === b.name || a.form === b.form;
  });

/** What a changed declaration names on both sides: by name and file, then by name, then by what it says. */
const pairRefs = (
  before: MachineSources,
  after: MachineSources,
  old: Declaration,
  now: Declaration,
): readonly (readonly [number, number])[] => {
  const free = [...now.refs];
  const left = [...old.refs];
  const pairs: (readonly [number, number])[] = [];
  const match = (isLike: (a: Declaration, b: Declaration) => boolean) => {
    for (const ref of [...left]) {
      const other = free.find((each) => isLike(before.declarations[ref]!, after.declarations[each]!));
      if (other === undefined) continue;
      pairs.push([ref, other]);
      left.splice(left.indexOf(ref), 1);
      free.splice(free.indexOf(other), 1);
    }
  };
  match((a, b) => a.name === b.name && a.path === b.path);
  match((a, b) => a.name === b.name);
  match((a, b) => a.form === b.form);
  return pairs;
};

const reached = ({ declarations }: MachineSources, definitions: readonly Definition[]): readonly number[] => {
  const found = new Set(definitions.flatMap(({ roots }) => roots));
  for (const at of found) for (const ref of declarations[at]!.refs) found.add(ref);
  return [...found];
};

interface Raw {
  readonly change: SourceChange['change'];
  readonly before: number | null;
  readonly after: number | null;
}

interface Merged {
  readonly change: SourceChange['change'];
  readonly befores: readonly number[];
  readonly afters: readonly number[];
}

/** One place is told once: an entry of a table that is told as a whole goes without saying. */
const outermost = (raw: readonly Raw[], before: MachineSources, after: MachineSources): readonly Merged[] => {
  const declarationsOf = (each: Raw) => ({
    old: each.before === null ? null : before.declarations[each.before]!,
    now: each.after === null ? null : after.declarations[each.after]!,
  });
  const size = (each: Raw) => {
    const { old, now } = declarationsOf(each);
    return (now ?? old)!.text.length;
  };
  const kept: { readonly own: Raw; readonly befores: number[]; readonly afters: number[] }[] = [];
  for (const each of raw.toSorted((a, b) => size(b) - size(a))) {
    const { old, now } = declarationsOf(each);
    const around = kept.find(({ own }) => {
      const outer = declarationsOf(own);
      return (old === null || isWithin(old, outer.old)) && (now === null || isWithin(now, outer.now));
    });
    const target = around ?? { own: each, befores: [], afters: [] };
    if (around === undefined) kept.push(target);
    if (each.before !== null) target.befores.push(each.before);
    if (each.after !== null) target.afters.push(each.after);
  }
  return kept
    .toSorted((a, b) => raw.indexOf(a.own) - raw.indexOf(b.own))
    .map(({ own, befores, afters }) => ({ change: own.change, befores, afters }));
};

const isWithin = (inner: Declaration, outer: Declaration | null): boolean =>
  outer !== null &&
  inner.path === outer.path &&
  inner.line >= outer.line &&
  endOf(inner) <= endOf(outer) &&
  squeezed(outer.text).includes(squeezed(inner.text));

const endOf = ({ line, text }: Declaration): number => line + text.split('\n').length - 1;

const squeezed = (text: string): string => text.replace(/\s+/g, '');

const placeOf = (declaration: Declaration | undefined): SourcePlace | null =>
  declaration === undefined
    ? null
    : { path: declaration.path, line: declaration.line, body: declaration.text };

const hunksOf = (old: Declaration | undefined, now: Declaration | undefined): readonly Hunk[] => {
  const textOf = (declaration: Declaration | undefined) =>
    declaration === undefined ? '' : `${declaration.text}\n`;
  const { hunks } = structuredPatch('', '', textOf(old), textOf(now), '', '', { context: 2 });
  return hunks.map(({ oldStart, newStart, lines }) => ({
    beforeLine: (old?.line ?? 1) + Math.max(oldStart, 1) - 1,
    afterLine: (now?.line ?? 1) + Math.max(newStart, 1) - 1,
    lines,
  }));
};
