import { describe, expect, it } from 'vitest';
import { Checks } from '../../src/verify/checks.ts';
import type { NodeView } from '../../src/verify/properties/view.ts';
import { logOf, nodeView } from './properties/views.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A run of three nodes in which all have committed the same two entries, of terms 1 and 2. */
const committedRun = (): Checks => {
  const checks = new Checks([1, 2, 3]);
  const holding: Partial<NodeView> = { currentTerm: 2, log: logOf(1, 2) };
  for (const id of [2, 3, 1]) {
    checks.take(
      { type: 'synced', node: id },
      nodeView(id, { log: logOf(), durable: nodeView(id, holding).durable }),
    );
    checks.take({ type: 'stepped', node: id }, nodeView(id, holding));
  }
  for (const id of [1, 2, 3]) {
    const role = id === 1 ? 'leader' : 'follower';
    checks.take({ type: 'stepped', node: id }, nodeView(id, { ...holding, role, commitIndex: 2 }));
  }
  return checks;
};

describe('Payloads Equal (paper Figure 3, State Machine Safety)', () => {
  it('fails when two nodes apply different payloads of one entry', () => {
    const checks = committedRun();
    checks.apply(1, bytes('a'), 1, 1);
    checks.apply(2, bytes('a'), 1, 1);
    expect(checks.violation).toBeNull();
    checks.apply(3, bytes('b'), 1, 1);
    expect(checks.violation?.message).toBe(
      'Payloads Equal: node1 applied 61 of term 1 at 1; but node3 applies 62 of term 1 there',
    );
  });

  it('compares them to their ends', () => {
    const checks = committedRun();
    checks.apply(1, bytes('a'), 1, 1);
    checks.apply(2, bytes('ab'), 1, 1);
    expect(checks.violation?.property).toBe('Payloads Equal');
  });
});

describe('Acknowledged Is Kept (paper §8)', () => {
  it('fails when a client is told of a command that was not applied, or not there', () => {
    const told = (command: string, index: number, term: number) => {
      const checks = committedRun();
      checks.apply(1, bytes('a'), 1, 1);
      checks.acknowledge(2, bytes(command), index, term);
      return checks.violation?.message ?? null;
    };
    expect(told('a', 1, 1)).toBeNull();
    expect(told('a', 2, 2)).toBe(
      'Acknowledged Is Kept: node2 acknowledged 61 of term 2 at 2; but nothing was applied there',
    );
    const another = 'but 61 of term 1 was applied there';
    expect(told('b', 1, 1)).toBe(`Acknowledged Is Kept: node2 acknowledged 62 of term 1 at 1; ${another}`);
    expect(told('a', 1, 2)).toBe(`Acknowledged Is Kept: node2 acknowledged 61 of term 2 at 1; ${another}`);
  });
});

describe('Overwritten Is Certain (paper §5.4.2, Figure 8)', () => {
  const told = (index: number, term: number) => {
    const checks = committedRun();
    checks.overwritten(3, index, term);
    return checks.violation?.message ?? null;
  };
  const fact = 'Overwritten Is Certain: node3 told a client that entry';

  it('fails when a client is told so while the entry may still be committed', () => {
    expect(told(3, 2)).toBe(`${fact} 3 of term 2 will never be applied; but nothing is committed there yet`);
  });

  it('fails when that very entry is committed', () => {
    expect(told(2, 2)).toBe(`${fact} 2 of term 2 will never be applied; but that entry is committed`);
  });

  it('holds once another entry is committed in its place', () => {
    expect(told(2, 1)).toBeNull();
  });
});

describe('a run', () => {
  it('is checked against the properties at every step', () => {
    const checks = committedRun();
    expect(checks.violation).toBeNull();
    checks.take(
      { type: 'stepped', node: 2 },
      nodeView(2, { currentTerm: 2, role: 'leader', log: logOf(1, 2) }),
    );
    expect(checks.violation?.property).toBe('Election Safety');
  });

  it('keeps the first violation', () => {
    const checks = committedRun();
    checks.overwritten(3, 2, 2);
    checks.acknowledge(2, bytes('a'), 2, 2);
    expect(checks.violation?.property).toBe('Overwritten Is Certain');
  });
});
