import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { diffCharts } from '../../../src/statechart/compare/diff.ts';
import { diffToMermaid } from '../../../src/statechart/compare/diff-mermaid.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { parseMermaid } from '../draw/mermaid-parser.ts';

const before = walk(
  createMachine({
    id: 'door',
    initial: 'closed',
    states: {
      closed: { on: { OPEN: { target: 'open', guard: 'isFree' }, LOCK: 'locked', KNOCK: 'ringing' } },
      open: { on: { CLOSE: 'closed' } },
      ringing: { initial: 'once', states: { once: {} } },
      locked: { on: { UNLOCK: 'closed' } },
    },
  }),
);

const after = walk(
  createMachine({
    id: 'door',
    initial: 'closed',
    on: { RESET: { guard: 'isAllowed', actions: 'reset' } },
    states: {
      closed: { on: { OPEN: { target: 'open', guard: 'isFreeNow' }, KNOCK: 'ringing' } },
      open: { on: { CLOSE: 'closed' }, after: { 500: 'alarm' } },
      ringing: { initial: 'once', states: { once: {}, twice: {} } },
      alarm: {},
    },
  }),
);

const diff = diffCharts(before, after);

it.each(['outline', 'overview', 'full'] as const)(
  'the difference in Mermaid marks what was added, removed and changed in the %s',
  async (kind) => {
    const text = diffToMermaid(diff, { kind });
    const { titles, arrows } = await parseMermaid(text);
    const names = [...titles.values()];
    expect(names).toEqual(expect.arrayContaining(['closed', 'open', '+ alarm', '− locked']));
    if (kind === 'full') expect(names).toEqual(expect.arrayContaining(['once', '+ twice', 'ringing']));
    else expect(names).toContain('~ ringing');
    const told = arrows.map((arrow) => `${arrow.from} ${arrow.to} ${arrow.text}`);
    expect(told).toEqual(
      expect.arrayContaining([
        'door_closed door_open ~ OPEN [isFreeNow]',
        'door_open door_alarm + after 500 ms',
        'door_open door_closed CLOSE',
        'door_closed door_locked − LOCK',
        'door_locked door_closed − UNLOCK',
      ]),
    );
    expect(text).toMatch(/^ {2}classDef added .*\n {2}class .*\bdoor_alarm\b.* added$/m);
    expect(text).toMatch(/^ {2}classDef removed .*\n {2}class door_locked removed$/m);
  },
);

it('the difference in Mermaid marks rules in boxes and questions of the gate', async () => {
  const full = await parseMermaid(diffToMermaid(diff, { kind: 'full' }));
  expect(full.lines.get('door')).toContain('+ RESET [isAllowed] / reset');
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
  const text = diffToMermaid(diffCharts(after, after), { kind: 'full' });
  expect(text).not.toMatch(/class|#126;|#43;|−/);
});
