import type { Story } from '../story.ts';
import { get, valueIn } from '../story-client.ts';

export const simultaneousCrashes: Story = {
  name: 'simultaneous-crashes',
  title: 'All nodes lose power at once; then a majority stays away',
  source: 'Raft paper §5.1, §5.5; Figure 2, Persistent state',
  moral:
    'what was acknowledged was on a majority of disks, so it survived all nodes at once. Without a majority there is no progress, and no harm.',
  plan: { nodes: 5 },
  async tell(stage) {
    stage.start();
    await stage.untilLed();
    await stage.write('x', '1');
    const terms = stage.all().map(({ durable }) => durable.currentTerm);
    stage.crash(1, 2, 3, 4, 5);
    await stage.pass(100);
    stage.say('Only two of the five come back: no majority.');
    stage.restart(1, 2);
    await stage.hushed(() => stage.pass(1000));
    stage.expect('a second later nobody leads', !stage.isLeader(1) && !stage.isLeader(2));
    stage.restart(3, 4, 5);
    await stage.untilLed();
    stage.expect(
      'all five run, and there is a leader',
      stage.all().every(({ isUp }) => isUp),
    );
    stage.expect(
      'no term went back',
      stage.all().every(({ currentTerm }, at) => currentTerm >= terms[at]!),
    );
    stage.expect('x is still 1', valueIn(await stage.done(get('x'))) === '1');
  },
};
