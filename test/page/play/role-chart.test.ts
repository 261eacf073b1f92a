import { beforeAll, describe, expect, it } from 'vitest';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { roleChart } from '../../../src/cli/play/role-chart.ts';
import { activeStates } from '../../../src/page/play/chart/active-states.ts';
import { citationsOf } from '../../../src/page/play/chart/citations.ts';
import type { RoleChart } from '../../../src/page/play/chart/role-chart-data.ts';
import { Recording } from '../../../src/page/play/time/recording.ts';
import { Engine } from '../../../src/simulate/play/engine.ts';
import { transitionsOf } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

let chart: RoleChart;
beforeAll(async () => {
  chart = await roleChart();
});

const recorded = async (text: string, untilUs = 0): Promise<Recording> => {
  const engine = new Engine();
  const recording = new Recording();
  let answer = await engine.answer({ type: 'open', text });
  recording.take(answer);
  while (answer.next !== null && answer.failure === null && answer.refusal === null) {
    answer = await engine.answer({ type: 'next' });
    recording.take(answer);
  }
  recording.take(await engine.answer({ type: 'run', untilUs }));
  return recording;
};

const busy =
  'nodes: 3\n\nstart\nelect 1\npropose 1 put x 1\nstabilize\ncrash 2\nrestart 2\nelect 3\nstabilize\n';

describe('the role chart of the playground', () => {
  it('has the roles with their arrows first, and then each role with its rules and those of any state', () => {
    expect(chart.views.map(({ name }) => name)).toEqual([
      'roles',
      'follower',
      'preCandidate',
      'candidate',
      'leader',
    ]);
    const shown = (at: number) => new Set(chart.views[at]!.scene.regions.flatMap(({ refs }) => refs));
    expect(shown(0)).toContain('raft.candidate');
    expect(shown(0)).toContain('raft.leader');
    expect(shown(1)).toContain('raft.follower.leased');
    expect(shown(1)).toContain('raft/Received/5');
  });

  it('names and draws every transition that nodes take', async () => {
    const recording = await recorded(busy);
    const drawn = new Set(chart.views.flatMap(({ scene }) => scene.regions.flatMap(({ refs }) => refs)));
    const taken = new Set(
      recording.events.flatMap((event) =>
        event.type === 'chart' ? event.transitions.map(({ id }) => id) : [],
      ),
    );
    expect(taken.size).toBeGreaterThan(15);
    for (const id of taken) {
      expect(drawn, id).toContain(id);
      expect(chart.transitions[id], id).toMatch(/^[\w. ]+: /);
    }
  });

  it('lights every state that a node is in, regions that its name leaves out among them', async () => {
    const ids = (name: string) => activeStates(chart.root, name).map(({ id }) => id);
    expect(ids('follower.leased')).toEqual(['raft.follower', 'raft.follower.leased']);
    const { frames } = await recorded(busy);
    const leader = frames.flatMap(({ nodes }) => nodes).find(({ role }) => role === 'leader')!;
    expect(ids(leader.state)).toContain('raft.leader');
    // One of each region at least.
    const regions = chart.root.states.find(({ key }) => key === 'leader')!.states;
    for (const region of regions) expect(ids(leader.state)).toContain(region.id);
  });

  it('lights the role alone where a node has no more of a state yet', () => {
    expect(activeStates(chart.root, 'follower').map(({ id }) => id)).toEqual(['raft.follower']);
  });
});

describe('the last steps of a node', () => {
  it('are all that its chart did on the way to one frame, and stay until it does something else', async () => {
    const recording = await recorded('nodes: 3\ntime: runs\nseed: 3\n\nstart\n', 900_000);
    let compared = 0;
    let most = 0;
    const last = new Map<number, readonly unknown[]>();
    for (const [at, frame] of recording.frames.entries()) {
      const since = recording.frames[at - 1]?.events ?? 0;
      for (const { id } of frame.nodes) {
        const steps = recording.events
          .slice(since, frame.events)
          .filter((event) => event.type === 'chart' && event.node === id && event.transitions.length > 0);
        if (steps.length > 0) last.set(id, steps);
        most = Math.max(most, steps.length);
        expect(recording.lastSteps(at, id)).toEqual(last.get(id) ?? []);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(300);
    expect(most).toBeGreaterThan(1);
  });

  it('are gone with its process', async () => {
    const recording = await recorded(busy);
    const down = recording.frames.findIndex(({ nodes }) => !nodes[1]!.isUp && nodes[1]!.term > 0);
    const up = recording.frames.findIndex(({ nodes }, at) => at > down && nodes[1]!.isUp);
    expect(recording.lastSteps(down - 1, 2)).not.toEqual([]);
    expect(recording.lastSteps(down, 2)).toEqual([]);
    expect(recording.lastSteps(up, 2)).toEqual([]);
  });
});

describe('a rule as charts cite it', () => {
  it('leads to the place in the paper or the thesis, each section by itself', () => {
    expect(citationsOf('Raft paper §5.1, §5.4.1; Figure 2, RequestVote 2')).toEqual([
      { text: 'Raft paper §5.1', href: 'https://raft.github.io/raft.pdf#page=5' },
      { text: ', ', href: null },
      { text: '§5.4.1', href: 'https://raft.github.io/raft.pdf#page=8' },
      { text: ';', href: null },
      { text: ' ', href: null },
      { text: 'Figure 2', href: 'https://raft.github.io/raft.pdf#page=4' },
      { text: ', RequestVote 2', href: null },
    ]);
    const thesis = 'https://github.com/ongardie/dissertation/blob/master/online.pdf?raw=true';
    expect(citationsOf('Thesis §4.2.3, §4.3').map(({ href }) => href)).toEqual([
      `${thesis}#nameddest=subsection.4.2.3`,
      null,
      `${thesis}#nameddest=section.4.3`,
    ]);
  });

  it('of every transition is read whole, and has a place in a document', () => {
    const rules = transitionsOf(walk(raftMachine)).flatMap(({ rule }) => rule ?? []);
    expect(rules.length).toBeGreaterThan(100);
    for (const rule of rules) {
      const citations = citationsOf(rule);
      expect(citations.map(({ text }) => text).join('')).toBe(rule);
      expect(
        citations.every(({ text, href }) => href !== null || !/§|Figure/.test(text)),
        rule,
      ).toBe(true);
      // Of the paper, a page that is known.
      for (const { href } of citations) expect(href).not.toBe('https://raft.github.io/raft.pdf');
    }
  });
});
