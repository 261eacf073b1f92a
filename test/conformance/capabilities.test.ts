import { describe, expect, test } from 'vitest';
import type { Adapter } from '../../src/conformance/adapter.ts';
import {
  chartCapabilities,
  contradictionIn,
  noCapabilities,
  without,
} from '../../src/conformance/capabilities.ts';
import type { Capabilities } from '../../src/conformance/protocol.ts';
import type { RuleReport } from '../../src/conformance/report.ts';
import { introduce, runConformance } from '../../src/conformance/run-conformance.ts';
import { pathSettings } from '../../src/verify/paths/model-node.ts';
import type { PathEvent } from '../../src/verify/paths/path.ts';
import { ChartAdapter } from './chart-adapter.ts';
import { appendEntries, electionTimeout, pathOf, setOf } from './paths-by-hand.ts';

const declaring = (...names: readonly (keyof Capabilities)[]): Capabilities => ({
  ...noCapabilities,
  ...Object.fromEntries(names.map((name) => [name, true])),
});

describe('capabilities', () => {
  const contradictory: readonly [has: readonly (keyof Capabilities)[], line: string][] = [
    [['leaseReads', 'leaderLease'], 'leaseReads needs readIndex: '],
    [['leaseReads', 'readIndex'], 'leaseReads needs leaderLease: '],
    [['leaseUntilTimeout'], 'leaseUntilTimeout needs leaderLease: '],
    [['members'], 'members needs noop: '],
    [['byteLimits', 'batches'], 'byteLimits needs pipeline: '],
    [['byteLimits', 'pipeline'], 'byteLimits needs batches: '],
    [['pipeline', 'retriesAtHeartbeat'], 'pipeline and retriesAtHeartbeat exclude each other: '],
  ];

  test.each(contradictory)('that contradict each other are refused, in one line: %j', async (names, line) => {
    const adapter: Adapter = {
      ask: async () => ({
        ok: true,
        state: { role: 'follower', term: 0, votedFor: null, commitIndex: 0 },
        sent: [],
        capabilities: Object.fromEntries(names.map((name) => [name, true])),
      }),
    };
    await expect(introduce(adapter)).rejects.toThrow(`the adapter's capabilities: ${line}`);
    await expect(introduce(adapter)).rejects.not.toThrow('\n');
  });

  test('of the chart, and of plain Figure 2, do not', () => {
    for (const has of [chartCapabilities, noCapabilities]) expect(contradictionIn(has)).toBeNull();
  });

  test('go with what they need', () => {
    const left = without(chartCapabilities, ['leaderLease', 'noop']);
    expect(left).toEqual({
      ...chartCapabilities,
      leaderLease: false,
      noop: false,
      leaseReads: false,
      members: false,
    });
    expect(without(declaring('leaderLease', 'leaseUntilTimeout'), ['leaderLease'])).toEqual(noCapabilities);
  });
});

test('the rule of changes of the members (thesis §4.1) has not passed where a leader was only elected', async () => {
  const report = await runConformance(new ChartAdapter(), setOf(pathOf('leads', [1], [electionTimeout])));
  expect(report.paths.passed).toBe(1);
  expect(report.rules.find((each) => each.rule === 'Thesis §4.1')).toMatchObject({
    status: 'notApplicable',
    subjects: [{ passed: 0, reason: 'without a change of the members nothing comes of it' }],
  });
});

describe('the rule of lease reads (thesis §6.4.1)', () => {
  const rule = 'Thesis §6.4.1';
  const reportOf = async (...events: readonly PathEvent[]): Promise<RuleReport | undefined> => {
    const path = pathOf('timed', [1, 2, 3], events, 'prompt', [], { ...pathSettings, leaseReads: true });
    const report = await runConformance(new ChartAdapter(), setOf(path));
    expect(report.paths.failed).toBe(0);
    return report.rules.find((each) => each.rule === rule);
  };

  test('has not passed where a node was only told the time', async () => {
    const reason = 'only a read that goes by the lease could show it';
    const again = [appendEntries(2, 1, 0, 0, []), appendEntries(2, 1, 0, 0, [])];
    expect(await reportOf(...again)).toMatchObject({
      status: 'notApplicable',
      subjects: [{ passed: 0, reason }],
    });
  });
});
