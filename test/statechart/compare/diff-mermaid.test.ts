import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { diffCharts } from '../../../src/statechart/compare/diff.ts';
import { diffToMermaid } from '../../../src/statechart/compare/diff-mermaid.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { parseMermaid } from '../draw/mermaid-parser.ts';
import { changedDoor, doorDiff } from './changed-door.ts';

it.each(['outline', 'overview', 'full'] as const)(
  'the difference in Mermaid marks what was added, removed and changed in the %s',
  async (kind) => {
    const text = diffToMermaid(doorDiff, { kind });
    const { titles, arrows } = await parseMermaid(text);
    const names = [...titles.values()];
    expect(names).toEqual(expect.arrayContaining(['closed', 'open', '+ alarm', '− locked']));
    if (kind === 'full') expect(names).toEqual(expect.arrayContaining(['once', '+ twice', 'ringing']));
    else expect(names).toContain('~ ringing');
    const told = arrows.map((arrow) => `${arrow.from} ${arrow.to} ${arrow.text}`);
    expect(told).toEqual(
      expect.arrayContaining([
        'gate_closed gate_open ~ OPEN [isFreeNow]',
        'gate_open gate_alarm + after 500 ms',
        'gate_open gate_closed CLOSE',
        'gate_closed door_locked − LOCK',
        'door_locked gate_closed − UNLOCK',
      ]),
    );
    expect(text).toMatch(/^ {2}classDef added .*\n {2}class .*\bgate_alarm\b.* added$/m);
    expect(text).toMatch(/^ {2}classDef removed .*\n {2}class .*\bdoor_locked\b.* removed$/m);
  },
);

it('the difference in Mermaid marks rules in boxes and questions of the gate', async () => {
  const full = await parseMermaid(diffToMermaid(doorDiff, { kind: 'full' }));
  expect(full.lines.get('gate')).toContain('+ RESET [isAllowed] / reset');
  const gate = diffToMermaid(
    diffCharts(
      walk(createMachine({ id: 'm', on: { RESET: [{ guard: 'isAllowed' }, {}] } })),
      walk(createMachine({ id: 'm', on: { RESET: [{ guard: 'isDone' }, {}] } })),
    ),
    { kind: 'gate' },
  );
  await parseMermaid(gate);
  expect(gate).toContain('#43; in any state<br/>[isDone]');
});

it('no difference in Mermaid is the chart without a mark', () => {
  const text = diffToMermaid(diffCharts(changedDoor, changedDoor), { kind: 'full' });
  expect(text).not.toMatch(/class|#126;|#43;|−/);
});
