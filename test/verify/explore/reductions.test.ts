import { describe, expect, test } from 'vitest';
import { defaultSettings } from '../../../src/raft/context.ts';
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
  disk: 'prompt',
};
const slow: ExploreOptions = { ...prompt, nodes: 2, maxLog: 1, messages: 1, disk: 'slow' };

/** All nodes and messages of a cluster that is explored without reductions. */
const explored = (options: ExploreOptions) => {
  const explorer = new Explorer(options, { reductions: false });
  while (explorer.advance(10_000) === null);
  const { nodes, messages } = explorer.save().header as { nodes: string[]; messages: string[] };
  return {
    // One name is as good as another.
    nodes: nodes
      .map((text) => fromText<LocalNode>(text))
      .filter(({ context }) => context.id === 1)
      .map((node): LocalNode => ({ ...node, context: { ...node.context, settings: defaultSettings } })),
    messages: messages.map((text) => fromText<Message>(text)).filter(({ to }) => to === 1),
  };
};

const eventsOf = (node: LocalNode, messages: readonly Message[]): readonly LocalEvent[] => [
  ...node.armed.map((timer): LocalEvent => ({ type: 'timeout', timer: timer as never })),
  { type: 'propose' },
  ...(node.queue.length > 0 ? [{ type: 'durable' } as const] : []),
  ...messages.map((message): LocalEvent => ({ type: 'deliver', message })),
];

const texts = (value: unknown): string => JSON.stringify(value, sorted);
const sorted = (_: string, part: unknown): unknown =>
  part === null || typeof part !== 'object' || Array.isArray(part)
    ? part
    : Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));

/** What is seen of a step, and what the node is from then on, but for what is dead. */
const endOf = (runner: LocalNodes, node: LocalNode, event: LocalEvent): string => {
  const { outcome } = runner.take(node, event, false);
  return texts({ node: withoutDeadParts(outcome!.node, false), sent: outcome!.sent });
};

describe.each([prompt, slow])('reductions, $disk disk', (options) => {
  const { nodes, messages } = explored(options);
  const runner = new LocalNodes(options.nodes, options.disk);

  test('a node without its dead parts does the same on every event', () => {
    let different = 0;
    for (const node of nodes) {
      const reduced = withoutDeadParts(node, false);
      if (texts(reduced) === texts(node)) continue;
      different++;
      for (const event of eventsOf(node, messages))
        expect(endOf(runner, reduced, event)).toBe(endOf(runner, node, event));
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
      for (const event of eventsOf(node, messages)) {
        const next = runner.take(node, event, false).outcome!.node;
        expect(ignored.every((message) => isPast(message, next, false))).toBe(true);
      }
    }
    expect(past).toBeGreaterThan(100);
  });

  test('who leads makes no difference to any step but to what a client is told', () => {
    for (const node of nodes) {
      const told: LocalNode = { ...node, context: { ...node.context, leaderId: 2 } };
      for (const event of eventsOf(node, messages))
        expect(endOf(runner, told, event)).toBe(endOf(runner, node, event));
    }
  });
});
