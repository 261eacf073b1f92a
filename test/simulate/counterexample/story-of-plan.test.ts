import { describe, expect, it } from 'vitest';
import { brokenRules } from '../../../src/simulate/broken/broken-rules.ts';
import { NotTellable, storyOfPlan } from '../../../src/simulate/counterexample/story-of-plan.ts';
import type { ClientRequest, Struck } from '../../../src/simulate/onlooker.ts';
import { calmPlan, type Plan } from '../../../src/simulate/plan.ts';
import { failureOf } from '../../../src/simulate/shrink.ts';
import type { Fault } from '../../../src/trace/fault.ts';

const broken = brokenRules.find(({ name }) => name === 'vote-before-fsync')!;
const failure = (await failureOf(
  { ...calmPlan, durationMs: 2000 },
  { maxEvents: Number.POSITIVE_INFINITY, targetWeight: 0, simulation: broken.replacements },
))!;
const endMs = 100;
const happened = { ...failure, result: { ...failure.result, endMs }, asked: [], struck: [] };

const headerOf = (plan: Partial<Plan>): readonly string[] =>
  storyOfPlan({ ...happened, plan: { ...calmPlan, ...plan } }, null).header;

/** What comes after the opening. */
const directivesOf = (more: Partial<typeof failure>, faults: readonly Fault[] = []): readonly string[] =>
  storyOfPlan({ ...happened, plan: { ...calmPlan, faults }, ...more }, null).directives.slice(2);

const askedFor = (request: ClientRequest, isRefused = false): readonly string[] =>
  directivesOf({ asked: [{ atUs: endMs * 1000, node: 2, request, isRefused }] }).slice(1);

const struck: Struck = { atUs: 5000, kind: 'drop', from: 1, to: 2, type: 'AppendEntries', nth: 1 };

describe('the story of a plan', () => {
  it('says at the top which rule is broken, and what is violated', () => {
    expect(storyOfPlan({ ...happened, plan: calmPlan }, broken).header).toEqual([
      'title: A counterexample to Durable Before Promised',
      `source: ${broken.source}`,
      'nodes: 3',
      'time: runs',
      'broken: vote-before-fsync',
      'syncs: 0.1ms..1ms',
      'seed: 1',
      'violates: Durable Before Promised',
    ]);
  });

  it.each<[string, Partial<Plan>]>([
    ['spares: 2', { spares: 2 }],
    ['seed: 77', { seed: 77 }],
    ['reads: lease', { settings: { ...calmPlan.settings, leaseReads: true } }],
    ['entries: 3', { settings: { ...calmPlan.settings, maxEntriesPerMessage: 3 } }],
    ['drift: 12.34%', { settings: { ...calmPlan.settings, maxClockDrift: 0.1234 } }],
    ['syncs: 3ms', { disk: { minSyncMs: 3, maxSyncMs: 3 } }],
    [
      'snapshots: 10\ntrailing: 2\nchunk: 64',
      { snapshots: { entries: 10, trailingEntries: 2, chunkBytes: 64 } },
    ],
  ])('says %j at the top where the plan does, and only there', (lines, plan) => {
    expect(headerOf(plan).join('\n')).toContain(`\n${lines}\n`);
    expect(headerOf({ disk: { minSyncMs: 0.5, maxSyncMs: 0.5 } })).toHaveLength(5);
  });

  it('opens with how long messages take, and the clocks that are wrong', () => {
    const { directives } = storyOfPlan(
      { ...happened, plan: { ...calmPlan, clockRates: [1, 0.7, 1.3] } },
      null,
    );
    expect(directives).toEqual(['rates delay=1ms..5ms', 'clock 2 0.7', 'clock 3 1.3', 'start', 'at 100ms']);
  });

  it('has everything in order of time, a struck message just before it is sent, and nothing after the end', () => {
    const request = { type: 'read', key: 'k1' } as const;
    const told = directivesOf(
      {
        asked: [{ atUs: 4000, node: 3, request, isRefused: false }],
        struck: [{ ...struck, atUs: 0 }, struck, { ...struck, atUs: endMs * 1000 + 2 }],
      },
      [{ kind: 'pause', fromMs: 2, toMs: endMs + 1, node: 1 }],
    );
    expect(told).toEqual([
      'next drop from 1 to 2 AppendEntries',
      'at 2ms',
      'pause 1',
      'at 4ms',
      'read 3 k1',
      'at 4.999ms',
      'next drop from 1 to 2 AppendEntries',
      'at 100ms',
    ]);
  });

  it('says which of several messages at once is struck, and how', () => {
    const told = directivesOf({
      struck: [
        { ...struck, kind: 'duplicate', nth: 2 },
        { ...struck, kind: 'delay' },
      ],
    });
    expect(told).toEqual([
      'at 4.999ms',
      'next repeat from 1 to 2 AppendEntries nth 2',
      'next delay from 1 to 2 AppendEntries',
      'at 100ms',
    ]);
  });

  const call = { f: 'write', key: 'k1' } as const;
  it.each<[string, ClientRequest]>([
    ['propose 2 put k1 7', { type: 'command', call: { ...call, value: 7 } }],
    ['propose 2 delete k1', { type: 'command', call: { ...call, f: 'delete' } }],
    ['propose 2 cas k1 1 2', { type: 'command', call: { ...call, f: 'cas', from: 1, to: 2 } }],
    ['propose 2 put k1 2', { type: 'command', call: { ...call, f: 'cas', from: null, to: 2 } }],
    ['propose 2 get k1', { type: 'command', call: { ...call, f: 'read' } }],
    ['read 2 k1', { type: 'read', key: 'k1' }],
    ['transfer 2', { type: 'transfer', target: null }],
    ['transfer 2 to 3', { type: 'transfer', target: 3 }],
    [
      'change 2 promote 3, remove 1',
      {
        type: 'change',
        changes: [
          { type: 'promote', node: 3 },
          { type: 'remove', node: 1 },
        ],
      },
    ],
  ])('asks %s, unless that is refused at once', (directive, request) => {
    expect(askedFor(request)).toEqual([directive]);
    expect(askedFor(request, true)).toEqual([]);
  });

  it('leaves out changes that no story can ask for', () => {
    expect(askedFor({ type: 'change', changes: [] })).toEqual([]);
    const changes = [
      { type: 'promote', node: 2 },
      { type: 'remove', node: 4 },
    ] as const;
    expect(askedFor({ type: 'change', changes })).toEqual([]);
  });

  it.each<[string, Partial<Plan>]>([
    [
      'its heartbeatIntervalMs is 49, and that of a story 50',
      { settings: { ...calmPlan.settings, heartbeatIntervalMs: 49 } },
    ],
    [
      'no story says what befalls node2: olderDisk',
      { faults: [{ kind: 'olderDisk', fromMs: 1, toMs: 2, node: 2 }] },
    ],
  ])('cannot be told: %s', (why, plan) => {
    expect(() => headerOf(plan)).toThrow(new NotTellable(why));
  });
});
