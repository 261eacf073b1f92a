import { type Story, steady } from '../story.ts';

export const restartKeepsTerm: Story = {
  name: 'restart-keeps-term',
  title: 'A node that restarts must not forget its term, nor whom it voted for in it',
  source: 'Raft paper §5.1, §5.2; Figure 2, Persistent state',
  moral: 'node2 voted once in term 1, although it restarted in between: term 1 had one leader.',
  plan: steady,
  async tell(stage) {
    stage.timeouts({ 1: 200, 2: 300, 3: 200 });
    stage.start();
    stage.say(
      'node1 and node3 campaign for term 1 at the same time; the request of node3 is late, since its vote for itself takes long to write.',
    );
    await stage.pass(100);
    stage.slowDisk(3, 100);
    stage.timeouts({ 1: 300, 3: 300 });
    await stage.until('node2 votes for node1', () => stage.node(2).votedFor === 1);
    stage.mute(1);
    await stage.until('node1 leads', () => stage.isLeader(1));
    stage.say('Nobody hears that node1 leads. node2, whose vote made it so, loses power and comes back.');
    stage.crash(2);
    await stage.pass(5);
    stage.restart(2);
    await stage.until('node2 runs', () => stage.node(2).isUp);
    stage.expect(
      'node2 is in term 1, and its vote is still that of node1',
      stage.node(2).currentTerm === 1 && stage.node(2).votedFor === 1,
    );
    await stage.untilTaken('RequestVote', 3, 2);
    await stage.pass(10);
    stage.expect(
      'node3 did not get the vote of node2, and does not lead',
      !stage.isLeader(3) && stage.node(2).votedFor === 1,
    );
    stage.slowDisk(3, 0);
    stage.heal();
    stage.drawTimeouts();
    await stage.untilLed();
    stage.expect(
      'only node1 has ever led term 1',
      stage.simulation.checks.view.history.leaders[0]?.node === 1,
    );
  },
};
