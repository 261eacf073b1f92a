import type { AnyStateMachine } from 'xstate';
import type { NodeId } from '../../raft/types.ts';
import { nodeName } from '../../raft/types.ts';
import { transitionsOf } from '../../statechart/read/model.ts';
import { walk } from '../../statechart/read/walk.ts';
import type { TimedEvent } from '../../trace/events.ts';

/** One transition on a node's path through the chart. */
interface PathLine {
  readonly step: number;
  readonly way: string;
  readonly cause: string;
  readonly rule: string;
}

/** The path of each node through the chart: a list for each, one transition per line, with the step of the schedule. */
export const chartPathText = (events: readonly TimedEvent[], machine: AnyStateMachine): readonly string[] => {
  const known = new Map(transitionsOf(walk(machine)).map((transition) => [transition.id, transition]));
  const lines = new Map<NodeId, PathLine[]>();
  for (const event of events) {
    if (event.type === 'started') {
      const way = event.atMs === 0 ? event.state.state : `starts again: ${event.state.state}`;
      lines.set(event.node, [
        ...(lines.get(event.node) ?? []),
        { step: event.atMs, way, cause: '', rule: '' },
      ]);
    }
    if (event.type !== 'chart') continue;
    const own = lines.get(event.node)!;
    for (const [at, taken] of event.transitions.entries()) {
      const model = known.get(taken.id);
      const next = event.transitions[at + 1]?.state ?? event.after.state;
      const isMove = (model?.targets.length ?? 0) > 0;
      const guard = model?.guard === null || model === undefined ? '' : ` [${model.guard}]`;
      own.push({
        step: event.atMs,
        way: isMove ? `${taken.state} → ${next}` : taken.state,
        cause: `${model === undefined ? taken.event : triggerText(model.kind, model.trigger)}${guard}`,
        rule: taken.rule ?? '',
      });
    }
  }
  return [...lines].flatMap(([node, own]) => [nodeName(node), ...table(own), '']);
};

const triggerText = (kind: string, trigger: string): string => {
  if (kind === 'after') return `after ${trigger}`;
  return kind === 'always' ? 'at once' : trigger;
};

const table = (lines: readonly PathLine[]): readonly string[] => {
  const columns = (of: (line: PathLine) => string) => Math.max(...lines.map((line) => of(line).length)) + 2;
  const [ways, causes] = [columns(({ way }) => way), columns(({ cause }) => cause)];
  return lines.map(({ step, way, cause, rule }) =>
    `${`${step}`.padStart(4)}  ${way.padEnd(ways)}${cause.padEnd(causes)}${rule}`.trimEnd(),
  );
};
