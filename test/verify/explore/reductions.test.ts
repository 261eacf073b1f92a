import { describe, expect, test } from 'vitest';
import { roleOf } from '../../../src/node/roles.ts';
import type { Message } from '../../../src/raft/messages.ts';
import type { ExploreOptions } from '../../../src/verify/explore/cluster-event.ts';
import { Explorer } from '../../../src/verify/explore/explorer.ts';
import { fromText } from '../../../src/verify/explore/interned.ts';
import type { LocalEvent, LocalNode } from '../../../src/verify/explore/local-node.ts';
import { LocalNodes } from '../../../src/verify/explore/local-nodes.ts';
import { isPast, withoutDeadParts } from '../../../src/verify/explore/reductions.ts';

const prompt: ExploreOptions = {
  nodes: 3,
  spares: 0,
  maxTerm: 2,
  maxLog: 1,
  messages: 1,
  loss: false,
  duplicates: false,
  crashes: 0,
  transfers: 0,
  reads: 0,
  snapshots: 0,
  reconfigurations: 0,
  disk: 'prompt',
};
const slow: ExploreOptions = { ...prompt, nodes: 2, maxLog: 1, messages: 1, disk: 'slow' };
const asked: ExploreOptions = { ...prompt, nodes: 2, messages: 2, transfers: 1, reads: 1 };
const compacting: ExploreOptions = { ...prompt, maxTerm: 1, snapshots: 1 };
const changing: ExploreOptions = {
  ...prompt,
  nodes: 1,
  spares: 1,
  maxTerm: 1,
  maxLog: 4,
  reconfigurations: 2,
};
const cases: readonly { readonly name: string; readonly options: ExploreOptions }[] = [
  { name: 'prompt disk', options: prompt },
  { name: 'slow disk', options: slow },
  { name: 'a transfer and a read', options: asked },
  { name: 'a snapshot', options: compacting },
  { name: 'changes of the members', options: changing },
];

/** All nodes and messages of a cluster that is explored without reductions. */
const explored = (options: ExploreOptions) => {
  const explorer = new Explorer(options, { reductions: false });
  // Without reductions, changes of the members lead too far: some of the first nodes will do.
  const share = options.reconfigurations > 0 ? 8 : 1;
  if (options.reconfigurations > 0) explorer.advance(1500);
  else while (explorer.advance(10_000) === null);
  const { settings } = new LocalNodes(options);
  const { nodes, messages } = explorer.save().header as { nodes: string[]; messages: string[] };
  return {
    // One name is as good as another.
    nodes: nodes
      .map((text) => fromText<LocalNode>(text))
      .filter(({ context }, at) => context.id === 1 && at % share === 0)
      .map((node): LocalNode => ({ ...node, context: { ...node.context, settings } })),
    messages: messages.map((text) => fromText<Message>(text)).filter(({ to }) => to === 1),
  };
};

const eventsOf = (
  node: LocalNode,
  messages: readonly Message[],
  { reads, reconfigurations }: Pick<ExploreOptions, 'reads' | 'reconfigurations'>,
): readonly LocalEvent[] => [
  ...node.armed.map((timer): LocalEvent => ({ type: 'timeout', timer: timer as never })),
  { type: 'propose' },
  ...(reads > 0 ? [{ type: 'read', id: 1 } as const] : []),
  { type: 'transfer', target: 2 },
  ...(reconfigurations > 0 ? changes : []),
  ...(node.context.lastApplied > node.context.snapshot.index ? [{ type: 'snapshot' } as const] : []),
  ...(node.checked === null ? [] : [{ type: 'checked' } as const]),
  ...(node.queue.length > 0 ? [{ type: 'durable' } as const] : []),
  ...messages.map((message): LocalEvent => ({ type: 'deliver', message })),
];

const changes: readonly LocalEvent[] = [
  { type: 'change', changes: [{ type: 'remove', node: 1 }] },
  { type: 'change', changes: [{ type: 'promote', node: 2 }] },
  { type: 'change', changes: [{ type: 'demote', node: 2 }] },
];

const texts = (value: unknown): string => JSON.stringify(value, sorted);
const sorted = (_: string, part: unknown): unknown =>
  part === null || typeof part !== 'object' || Array.isArray(part)
    ? part
    : Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));

/** What is seen of a step, and what the node is from then on, but for what is dead. */
const endOf = (
  runner: LocalNodes,
  node: LocalNode,
  event: LocalEvent,
  options: Pick<ExploreOptions, 'reads' | 'reconfigurations'>,
): string => {
  const { outcome } = runner.take(node, event, false);
  return texts({ node: withoutDeadParts(outcome!.node, options), sent: outcome!.sent });
};

describe.each(cases)('reductions, $name', ({ options }) => {
  const { nodes, messages } = explored(options);
  const runner = new LocalNodes(options);

  test('a node without its dead parts does the same on every event', () => {
    let different = 0;
    for (const node of nodes) {
      const reduced = withoutDeadParts(node, options);
      if (texts(reduced) === texts(node)) continue;
      different++;
      for (const event of eventsOf(node, messages, options))
        expect(endOf(runner, reduced, event, options)).toBe(endOf(runner, node, event, options));
    }
    expect(different).toBeGreaterThan(20);
  });

  test('a message that is past is ignored, and stays past whatever happens', () => {
    let past = 0;
    for (const node of nodes) {
      const ignored = messages.filter((message) => isPast(message, node, false));
      past += ignored.length;
      for (const message of ignored) {
        const { outcome } = runner.take(node, { type: 'deliver', message }, false);
        expect(outcome!.sent).toEqual([]);
        expect(texts(outcome!.node)).toBe(texts(node));
      }
      for (const event of eventsOf(node, messages, options)) {
        const next = runner.take(node, event, false).outcome!.node;
        expect(ignored.every((message) => isPast(message, next, false))).toBe(true);
      }
    }
    // A sole voter leads for ever: whatever reaches it still matters.
    if (options.nodes > 1) expect(past).toBeGreaterThan(100);
  });

  test('a quorum check begins no round that counts: messages and answers stay as they were', () => {
    let checked = 0;
    for (const node of nodes) {
      const timer = node.armed.find((type) => type.includes('.quorumCheck.'));
      if (timer === undefined) continue;
      const { outcome } = runner.take(node, { type: 'timeout', timer: timer as never }, false);
      const { context } = outcome!.node;
      if (roleOf(outcome!.node.value) !== 'leader') continue;
      checked++;
      expect(context).toMatchObject({ round: node.context.round, checkedRound: 0 });
    }
    expect(checked).toBeGreaterThan(0);
  });

  test('who leads makes no difference to any step but to what a client is told', () => {
    const withoutReads = { ...options, reads: 0 };
    for (const node of nodes.filter(({ context }) => context.incoming?.isComplete !== true)) {
      const told: LocalNode = { ...node, context: { ...node.context, leaderId: 2 } };
      for (const event of eventsOf(node, messages, withoutReads))
        expect(endOf(runner, told, event, withoutReads)).toBe(endOf(runner, node, event, withoutReads));
    }
  });
});

describe('reductions, changes of the members', () => {
  const { nodes, messages } = explored(changing);
  const runner = new LocalNodes(changing);
  const nextOf = (node: LocalNode, event: LocalEvent): LocalNode =>
    runner.take(node, event, false).outcome!.node;
  const inLastRound = (node: LocalNode): LocalNode => ({
    ...node,
    context: { ...node.context, change: node.context.change && { ...node.context.change, rounds: 10 } },
  });
  const timeoutOf = ({ armed }: LocalNode, name: string): LocalEvent | null => {
    const timer = armed.find((type) => type.includes(`.${name}.`));
    return timer === undefined ? null : { type: 'timeout', timer: timer as never };
  };

  test('learners that reach the end of the last round too late leave what the time limit would have left before', () => {
    let abandoned = 0;
    for (const late of nodes.filter((each) => timeoutOf(each, 'catchUpTimeout') !== null)) {
      const node = inLastRound(late);
      for (const message of messages) {
        const answered = nextOf(node, { type: 'deliver', message });
        if (answered.context.change !== null) continue;
        abandoned++;
        // If they have moved since it was last looked at, it is looked at twice.
        let waited = node;
        for (let looks = 0; looks < 2 && waited.context.change !== null; looks++) {
          waited = nextOf(waited, timeoutOf(waited, 'catchUpTimeout')!);
        }
        expect(waited.context.change).toBeNull();
        expect(texts(nextOf(waited, { type: 'deliver', message }))).toBe(texts(answered));
      }
    }
    expect(abandoned).toBeGreaterThan(0);
  });

  test('which request asked for a change makes no difference but to whom the answer goes', () => {
    let asked = 0;
    for (const node of nodes) {
      const { change } = node.context;
      if (change === null) continue;
      asked++;
      const other: LocalNode = { ...node, context: { ...node.context, change: { ...change, id: 2 } } };
      for (const event of eventsOf(node, messages, changing)) {
        const renamed = endOf(runner, other, event, changing).replace('"change":{"id":2', '"change":{"id":1');
        expect(renamed).toBe(endOf(runner, node, event, changing));
      }
    }
    expect(asked).toBeGreaterThan(20);
  });
});
