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
  maxTerm: 2,
  maxLog: 1,
  messages: 1,
  loss: false,
  duplicates: false,
  crashes: 0,
  transfers: 0,
  reads: 0,
  snapshots: 0,
  disk: 'prompt',
};
const slow: ExploreOptions = { ...prompt, nodes: 2, maxLog: 1, messages: 1, disk: 'slow' };
const asked: ExploreOptions = { ...prompt, nodes: 2, messages: 2, transfers: 1, reads: 1 };
const compacting: ExploreOptions = { ...prompt, maxTerm: 1, snapshots: 1 };
const cases: readonly { readonly name: string; readonly options: ExploreOptions }[] = [
  { name: 'prompt disk', options: prompt },
  { name: 'slow disk', options: slow },
  { name: 'a transfer and a read', options: asked },
  { name: 'a snapshot', options: compacting },
];

/** All nodes and messages of a cluster that is explored without reductions. */
const explored = (options: ExploreOptions) => {
  const explorer = new Explorer(options, { reductions: false });
  while (explorer.advance(10_000) === null);
  const { settings } = new LocalNodes(options);
  const { nodes, messages } = explorer.save().header as { nodes: string[]; messages: string[] };
  return {
    // One name is as good as another.
    nodes: nodes
      .map((text) => fromText<LocalNode>(text))
      .filter(({ context }) => context.id === 1)
      .map((node): LocalNode => ({ ...node, context: { ...node.context, settings } })),
    messages: messages.map((text) => fromText<Message>(text)).filter(({ to }) => to === 1),
  };
};

const eventsOf = (node: LocalNode, messages: readonly Message[], reads: boolean): readonly LocalEvent[] => [
  ...node.armed.map((timer): LocalEvent => ({ type: 'timeout', timer: timer as never })),
  { type: 'propose' },
  ...(reads ? [{ type: 'read', id: 1 } as const] : []),
  { type: 'transfer', target: 2 },
  ...(node.context.lastApplied > node.context.snapshot.index ? [{ type: 'snapshot' } as const] : []),
  ...(node.checked === null ? [] : [{ type: 'checked' } as const]),
  ...(node.queue.length > 0 ? [{ type: 'durable' } as const] : []),
  ...messages.map((message): LocalEvent => ({ type: 'deliver', message })),
];

const texts = (value: unknown): string => JSON.stringify(value, sorted);
const sorted = (_: string, part: unknown): unknown =>
  part === null || typeof part !== 'object' || Array.isArray(part)
    ? part
    : Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));

/** What is seen of a step, and what the node is from then on, but for what is dead. */
const endOf = (runner: LocalNodes, node: LocalNode, event: LocalEvent, reads: boolean): string => {
  const { outcome } = runner.take(node, event, false);
  return texts({ node: withoutDeadParts(outcome!.node, reads), sent: outcome!.sent });
};

describe.each(cases)('reductions, $name', ({ options }) => {
  const { nodes, messages } = explored(options);
  const reads = options.reads > 0;
  const runner = new LocalNodes(options);

  test('a node without its dead parts does the same on every event', () => {
    let different = 0;
    for (const node of nodes) {
      const reduced = withoutDeadParts(node, reads);
      if (texts(reduced) === texts(node)) continue;
      different++;
      for (const event of eventsOf(node, messages, reads))
        expect(endOf(runner, reduced, event, reads)).toBe(endOf(runner, node, event, reads));
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
      for (const event of eventsOf(node, messages, reads)) {
        const next = runner.take(node, event, false).outcome!.node;
        expect(ignored.every((message) => isPast(message, next, false))).toBe(true);
      }
    }
    expect(past).toBeGreaterThan(100);
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
    for (const node of nodes.filter(({ context }) => context.incoming?.isComplete !== true)) {
      const told: LocalNode = { ...node, context: { ...node.context, leaderId: 2 } };
      for (const event of eventsOf(node, messages, false))
        expect(endOf(runner, told, event, false)).toBe(endOf(runner, node, event, false));
    }
  });
});
