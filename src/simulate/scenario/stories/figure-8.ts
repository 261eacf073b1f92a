import { calmPlan } from '../../plan.ts';
import type { Stage } from '../stage.ts';
import { type Story, steady } from '../story.ts';

/** One entry a message, so that an old entry can arrive without the new one behind it. */
const settings = { ...calmPlan.settings, maxEntriesPerMessage: 1 };
const plan = { ...steady, nodes: 5, settings };

export const figure8: Story = {
  name: 'figure-8',
  title: 'Figure 8: an entry of an old term on a majority may still be overwritten',
  source: 'Raft paper §5.4.2, Figure 8 (a) to (d)',
  moral:
    'entry 2 of term 2 was on three of five disks, its leader knew, did not commit it, and was right: it was overwritten.',
  plan,
  async tell(stage) {
    await untilC(stage);
    stage.say(
      '(d) node1 crashes. node5, whose last entry is of term 3, is elected by node2, node3 and node4.',
    );
    stage.crash(1);
    stage.restart(5);
    stage.onlyStar(5, [2, 3, 4]);
    await stage.hushed(() => stage.until('node5 leads', () => stage.isLeader(5)));
    stage.expect('node5 leads term 5', stage.isLeader(5) && stage.node(5).currentTerm === 5);
    await stage.until('its entries are everywhere', () =>
      [2, 3, 4].every((id) => stage.hasLog(id, [1, 3, 5])),
    );
    stage.showLogs();
    stage.expect(
      'entry 2 of term 2 is gone from node2 and node3',
      [2, 3].every((id) => !stage.terms(id).includes(2)),
    );
    stage.restart(1);
    stage.heal();
    await stage.hushed(() => stage.untilEqual());
    stage.showLogs();
  },
};

export const figure8Committed: Story = {
  name: 'figure-8-committed',
  title: 'Figure 8, the other end: with an entry of its own term on a majority, all before it is safe',
  source: 'Raft paper §5.4.2, Figure 8 (e)',
  moral: 'entry 2 of term 2 was committed by entry 3 of term 4, and from then on node5 could not win.',
  plan,
  async tell(stage) {
    await untilC(stage);
    stage.say('(e) Before it crashes, node1 replicates its own entry 3 to node2 and node3.');
    stage.onlyStar(1, [2, 3]);
    await stage.until('node1 commits', () => stage.node(1).commitIndex === 3);
    stage.showLogs();
    stage.crash(1);
    stage.restart(5);
    stage.onlyStar(5, [2, 3, 4]);
    await stage.hushed(() => stage.pass(1500));
    stage.expect('node5 asks for votes for more than a second, and does not win', !stage.isLeader(5));
    stage.heal();
    await stage.hushed(async () => {
      await stage.untilLed();
    });
    stage.expect(
      `node${stage.leader().id} leads, with entries 2 and 3`,
      stage.terms(stage.leader().id).slice(0, 3).join(' ') === '1 2 4',
    );
    stage.restart(1);
    await stage.hushed(() => stage.untilEqual());
    stage.showLogs();
  },
};

/** Up to part (c): entry 2 of term 2 is on node1, node2 and node3, and node1, leader of term 4, knows. */
const untilC = async (stage: Stage): Promise<void> => {
  stage.timeouts({ 1: 150, 2: 300, 3: 300, 4: 300, 5: 300 });
  stage.start();
  await stage.hushed(async () => {
    await stage.untilLed();
    await stage.untilEqual();
  });
  stage.expect('node1 leads term 1, and its first entry is everywhere', stage.hasLog(5, [1]));
  stage.say('(a) node1 leads term 2, and replicates entry 2, the no-op that opens its term, to node2 alone.');
  stage.crash(1);
  stage.restart(1);
  await elected(stage, 1, 2, [2, 3, 4, 5]);
  stage.onlyStar(1, [2]);
  await stage.until('node2 holds entry 2 of term 2', () => stage.isDurable(2, 2, 2));
  stage.showLogs();
  stage.say(
    '(b) node1 crashes. node5 is elected for term 3 by node3 and node4, and appends another entry 2.',
  );
  stage.crash(1);
  stage.onlyStar(5, [3, 4]);
  await elected(stage, 5, 3, [3, 4]);
  stage.onlyStar(5, []);
  await stage.until('node5 leads with an entry of its own', () => stage.isDurable(5, 2, 3));
  stage.showLogs();
  stage.say(
    '(c) node5 crashes. node1 is back, is elected for term 4 by node2 and node3, and goes on replicating entry 2.',
  );
  stage.crash(5);
  stage.restart(1);
  stage.onlyStar(1, [2, 3]);
  await stage.hushed(() => elected(stage, 1, 4, [2, 3]));
  stage.expect(
    'node2 and node3 have voted for node1, in term 4',
    [2, 3].every((id) => stage.node(id).votedFor === 1 && stage.node(id).currentTerm === 4),
  );
  stage.onlyStar(1, [3]);
  await stage.until('node3 holds entry 2 of term 2', () => stage.isDurable(3, 2, 2));
  stage.onlyStar(1, [2]);
  await stage.untilTaken('AppendEntries', 1, 2);
  stage.mute(1);
  await stage.pass(10);
  stage.showLogs();
  const matches = stage.simulation.nodes[0]!.node!.status().peers.filter(
    ({ matchIndex }) => matchIndex === 2,
  );
  stage.expect(
    'node1 knows that node2 and node3 hold entry 2, as it does itself: a majority',
    matches.length === 2,
  );
  stage.expect('and yet it has not committed it', stage.node(1).commitIndex < 2);
};

/** Until `candidate` has the votes of `voters` for `term`, on their disks, and they are on their way. */
const elected = (stage: Stage, candidate: number, term: number, voters: readonly number[]): Promise<void> =>
  stage.until(`node${candidate} is elected for term ${term}`, () =>
    voters.every((id) => {
      const { currentTerm, votedFor } = stage.node(id).durable;
      return currentTerm === term && votedFor === candidate;
    }),
  );
