import type { Story } from '../story.ts';

export const delayedReplication: Story = {
  name: 'delayed-replication',
  title: 'A slow follower delays nobody, and catches up',
  source: 'Raft paper §5.3',
  moral:
    'writes are acknowledged at the speed of the faster majority; the slow node gets every entry, in order.',
  async tell(stage) {
    stage.timeouts({ 1: 150, 2: 300, 3: 300 });
    stage.start();
    await stage.untilLed();
    stage.slowLink(1, 3, 120);
    const beganMs = stage.nowMs;
    for (const value of ['1', '2', '3', '4']) await stage.write('x', value);
    stage.expect('four writes are acknowledged in less than 100 ms', stage.nowMs - beganMs < 100);
    stage.expect('node3 has seen none of them', stage.node(3).log.lastIndex === 1);
    await stage.pass(130);
    stage.expect('120 ms later node3 holds them all', stage.node(3).log.lastIndex === 5);
    stage.slowLink(1, 3, 0);
    await stage.untilEqual();
    stage.expect('nobody has campaigned meanwhile', stage.leader().currentTerm === 1);
  },
};
