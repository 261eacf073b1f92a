import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildData } from '../../src/cli/view/build-data.ts';
import type { PageDetails, PageIndex, PageScene } from '../../src/page/data/page-data.ts';
import { wayThere } from '../../src/page/panel/way-there.ts';
import { statesBelow, transitionsOf } from '../../src/statechart/read/model.ts';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

describe('data of the page', () => {
  let files: ReadonlyMap<string, string>;
  const read = <Value>(path: string) => JSON.parse(files.get(path)!) as Value;
  const charts = () => read<PageIndex>('data/charts.json').charts;

  beforeAll(async () => {
    files = new Map((await buildData(root)).map(({ path, content }) => [path, content]));
  });

  it('holds a scene for each view, and each transition in one of them can be pointed at', () => {
    for (const { chart, views } of charts()) {
      const shown = new Set<string>();
      for (const { file } of views) {
        for (const { refs } of read<PageScene>(file).regions) for (const ref of refs) shown.add(ref);
      }
      const all = [...transitionsOf(chart).map(({ id }) => id), ...chart.root.states.map(({ id }) => id)];
      expect(all.filter((id) => !shown.has(id))).toEqual([]);
    }
  });

  it('tells transitions apart that share an arrow', () => {
    const { regions } = read<PageScene>('data/raft=overview.json');
    const stepsDown = regions.find(
      ({ kind, refs }) =>
        kind === 'arrow' && refs[0] === 'raft.leader.quorumCheck.listening/after:quorumCheck/0',
    );
    expect(stepsDown?.refs).toEqual([
      'raft.leader.quorumCheck.listening/after:quorumCheck/0',
      'raft.leader.quorumCheck.listening/after:quorumCheck/1',
      'raft.leader.configuration.removed/always/0',
    ]);
  });

  it('knows the line of each transition and the definition of each name of the role chart', () => {
    const { chart } = charts().find(({ name }) => name === 'raft')!;
    const { names, transitions } = read<PageDetails>('data/details-raft.json');
    expect(transitionsOf(chart).filter(({ id }) => transitions[id]?.line == null)).toEqual([]);
    expect(chart.guards.filter((name) => names[name] === undefined)).toEqual([]);
    expect(names.isLogBehind).toMatchObject({ path: 'src/raft/election.ts' });
    expect(names.isLogBehind!.body).toMatch(/< context\.log\.lastIndex;\n\};$/);
    expect(names.recordVote!.body).toMatch(/effects: \[\],\n\}\);$/);
  });

  it('knows a way to each transition of each chart', () => {
    for (const { chart } of charts()) {
      const lost = transitionsOf(chart).filter((transition) => wayThere(chart, transition).length === 0);
      expect(lost.map(({ id }) => id)).toEqual([]);
      expect(statesBelow(chart.root).length).toBeGreaterThan(1);
    }
  });

  it('names the shortest way to the leader', () => {
    const { chart } = charts().find(({ name }) => name === 'raft')!;
    const elected = transitionsOf(chart).find(({ id }) => id === 'raft.leader.transfer.idle/Proposed/0')!;
    expect(wayThere(chart, elected).map(({ id }) => id)).toEqual([
      'raft.follower/TimeoutNow/1',
      'raft.candidate/RequestVoteResponse/2',
      'raft.leader.transfer.idle/Proposed/0',
    ]);
  });
});
