import { isDeepStrictEqual } from 'node:util';
import type { NodeModel } from '../verify/paths/model-node.ts';
import type { ModelNode } from '../verify/paths/modelled-node.ts';
import type { PathMessage } from '../verify/paths/path.ts';
import type { ModelledStep } from './modelled-step.ts';

/**
 * The steps that the chart takes if the entries of this step come one by one; null: they would lead it elsewhere.
 * A step that brings fewer than two is left as it is.
 */
export const oneByOne = (step: ModelledStep, nodeModel: NodeModel): readonly ModelledStep[] | null => {
  const { event, expect, isDuplicate, isHostile } = step;
  if (event.type !== 'deliver') return [step];
  const { message } = event;
  if (message.type !== 'AppendEntries' || message.entries.length < 2) return [step];
  const parts: ModelledStep[] = [];
  let { before, stateBefore } = step;
  for (const part of split(message)) {
    const partEvent = { type: 'deliver', message: part } as const;
    const { node: after, expect: next, transitions } = nodeModel.take(before, partEvent);
    parts.push({
      event: partEvent,
      isDuplicate,
      isHostile,
      expect: next,
      transitions,
      before,
      after,
      stateBefore,
    });
    before = after;
    stateBefore = next.state;
    // After a rejection a leader goes back, and does not send the next one.
    if (!next.sent.some((sent) => sent.type === 'AppendEntriesResponse' && sent.success)) break;
  }
  const last = parts.at(-1)!;
  const isSame =
    last.expect.state === expect.state && isDeepStrictEqual(whatStays(last.after), whatStays(step.after));
  return isSame ? parts : null;
};

const split = (message: Extract<PathMessage, { type: 'AppendEntries' }>) =>
  message.entries.map((entry, at) => ({
    ...message,
    prevLogIndex: message.prevLogIndex + at,
    prevLogTerm: at === 0 ? message.prevLogTerm : message.entries[at - 1]!.term,
    entries: [entry],
  }));

/** All but timers, which the last of several starts anew, and how the chart sums up its log. */
const whatStays = ({ snapshot, log, disk, queue, committed }: ModelNode) => {
  const { currentTerm, votedFor, leaderId, commitIndex, lastApplied } = snapshot.context;
  return { currentTerm, votedFor, leaderId, commitIndex, lastApplied, log, disk, queue, committed };
};
