import type { Bound, GuardModel } from '../read/model.ts';
import { conjunction, disjunction, type Formula, negation, unknown } from './formula.ts';
import { formulaOfSource } from './guard-source.ts';

/**
 * What a guard says. A named guard is a question of its own, unless `bound` says what it asks; a function that nobody understands is
 * as well, and `place` makes it differ from every other.
 */
export const formulaOf = (guard: GuardModel | null, place: string, bound: Bound | null = null): Formula => {
  if (guard === null) return true;
  switch (guard.kind) {
    case 'and':
      return conjunction(guard.guards.map((each, at) => formulaOf(each, `${place} ${at}`, bound)));
    case 'or':
      return disjunction(guard.guards.map((each, at) => formulaOf(each, `${place} ${at}`, bound)));
    case 'not':
      return negation(formulaOf(guard.guards[0] ?? null, `${place} not`, bound));
    case 'stateIn':
      return unknown(`stateIn ${guard.state.text}`);
    case 'function':
      return formulaOfSource(guard.source.text) ?? unknown(`function at ${place}`);
    case 'named': {
      const known = bound?.guards[guard.name];
      if (known !== undefined && guard.params === null && isUnderstood(known)) {
        return formulaOf(known, guard.name, null);
      }
      if (guard.params?.kind === 'function') return unknown(`${guard.name} at ${place}`);
      return unknown(guard.params === null ? guard.name : `${guard.name} ${guard.params.text}`);
    }
  }
};

const isUnderstood = (guard: GuardModel): boolean =>
  guard.kind !== 'function' || formulaOfSource(guard.source.text) !== null;
