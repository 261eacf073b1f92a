import type { Story } from '../story.ts';
import { get, valueIn } from '../story-client.ts';

export const reElection: Story = {
  name: 're-election',
  title: 'The leader is killed: the others elect another, and nothing acknowledged is lost',
  source: 'Raft paper §5.2, §5.4',
  moral:
    'a new leader within a second, in a later term, with every acknowledged write; the old one comes back as follower.',
  async tell(stage) {
    stage.start();
    const first = await stage.untilLed();
    await stage.write('x', '1');
    stage.say(`node${first} leads and has acknowledged x=1. Now it loses power.`);
    stage.crash(first);
    const killedMs = stage.nowMs;
    const second = await stage.untilLed(1000);
    stage.expect(
      `another leads within a second: node${second}`,
      second !== first && stage.nowMs - killedMs < 1000,
    );
    stage.expect('x is still 1', valueIn(await stage.done(get('x'))) === '1');
    stage.restart(first);
    await stage.untilEqual();
    stage.expect(
      `node${first} is back, and follows node${second}`,
      stage.leader().id === second && !stage.isLeader(first),
    );
  },
};
