import { type Story, steady } from '../story.ts';
import { get, valueIn } from '../story-client.ts';

export const electionRestriction: Story = {
  name: 'election-restriction',
  title: 'What replication adds to election: who lacks a committed entry cannot win',
  source: 'Raft paper §5.4.1',
  moral:
    'node3 asked first, but its log was behind; node2, which had all that was committed, became the leader.',
  plan: steady,
  async tell(stage) {
    stage.timeouts({ 1: 150, 2: 300, 3: 300 });
    stage.start();
    await stage.untilLed();
    await stage.pass(60);
    stage.partition([1, 2], [3]);
    await stage.write('x', '1');
    stage.expect('x=1 is committed on node1 and node2; node3 lacks it', stage.node(3).log.lastIndex === 1);
    stage.crash(1);
    stage.heal();
    stage.say(
      'node3 has heard nothing for longest, so its timer is the first to expire. Alone with node2 it needs its vote.',
    );
    stage.timeouts({ 3: 150 });
    const leader = await stage.untilLed();
    stage.expect('node2 leads: it refused node3, whose log is behind', leader === 2);
    stage.expect('x is 1', valueIn(await stage.done(get('x'))) === '1');
    stage.restart(1);
    await stage.untilEqual();
  },
};
