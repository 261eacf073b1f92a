import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import type { Finding } from '../../../src/statechart/lint/finding.ts';
import { lint, lintFault } from '../../../src/statechart/lint/lint.ts';
import { rules } from '../../../src/statechart/lint/rules.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { ruleCases } from './faulty-machines.ts';

/** As `raftchart lint` does it: what XState throws is a finding as well. */
const findingsOf = (make: () => AnyStateMachine): readonly Finding[] => {
  let chart: ReturnType<typeof walk>;
  try {
    chart = walk(make());
  } catch (error) {
    const finding = lintFault((error as Error).message);
    if (finding === null) throw error;
    return [finding];
  }
  return lint(chart);
};

it.each(rules.map(({ name }) => name))('%s has a failing and a passing machine', (name) => {
  expect(ruleCases.map(({ rule }) => rule)).toContain(name);
});

describe.each(ruleCases)('$rule: $fault', ({ rule, at, failing, passing }) => {
  it('is found where it is, with the state named', () => {
    const found = findingsOf(failing).filter((finding) => finding.rule === rule);
    expect(found.map(({ state, transition }) => transition ?? state ?? '')).toEqual([at]);
    const [state = ''] = at.split('/');
    expect(found[0]!.message).toContain(state.split('.').slice(1).join('.'));
  });

  it('is not found where it is mended', () => {
    const found = findingsOf(passing);
    expect(found.filter((finding) => finding.rule === rule)).toEqual([]);
    // Nothing of weight is wrong with it otherwise.
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
