import { type Story, steady } from '../story.ts';

export const lateVoteRequest: Story = {
  name: 'late-vote-request',
  title: 'Vote requests that arrive after the election is decided',
  source: 'Raft paper §5.2; thesis §4.2.3, §9.6',
  moral:
    'neither a late request of this term nor a pre-vote for the next one disturbed the leader; once it was gone, the same question was answered.',
  plan: steady,
  async tell(stage) {
    stage.timeouts({ 1: 200, 2: 300, 3: 200 });
    stage.start();
    await stage.pass(100);
    stage.slowDisk(3, 30);
    stage.say(
      'node1 and node3 campaign for term 1 together; the vote of node3 for itself takes 30 ms more to write, and its requests wait for it.',
    );
    await stage.until('node1 leads', () => stage.isLeader(1));
    await stage.untilTaken('RequestVote', 3, 2);
    await stage.until('the request has come to node1 as well', () => stage.node(3).role === 'follower');
    await stage.pass(5);
    stage.expect('node1 leads still, in term 1', stage.isLeader(1) && stage.node(1).currentTerm === 1);
    stage.slowDisk(3, 0);
    stage.say(
      'Second: node3 is cut off, so that it hears no heartbeat, and asks for the next term when it is back.',
    );
    await stage.pass(60);
    stage.timeouts({ 3: 170 });
    await stage.pass(60);
    stage.partition([1, 2], [3]);
    await stage.until('node3 asks, and nobody hears it', () => stage.node(3).role === 'preCandidate');
    await stage.pass(150);
    stage.heal();
    await stage.untilTaken('PreVote', 3, 2);
    await stage.pass(20);
    stage.expect(
      'no term has risen',
      stage.all().every(({ currentTerm }) => currentTerm === 1) && stage.isLeader(1),
    );
    await stage.until('node3 follows again', () => stage.node(3).role === 'follower');
    stage.say('Third: the leader is gone for longer than its lease, the minimum election timeout.');
    stage.crash(1);
    await stage.untilLed();
    stage.expect(
      `node${stage.leader().id} leads term ${stage.leader().currentTerm}`,
      stage.leader().currentTerm === 2,
    );
  },
};
