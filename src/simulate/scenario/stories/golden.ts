import type { Story } from '../story.ts';
import { cas, get, put, remove } from '../story-client.ts';

export const golden: Story = {
  name: 'golden',
  title: 'A fixed client session: every operation, a redirect, and a change of leader',
  source: 'Raft paper §8; docs/http-api.md',
  moral: 'each answer is what one machine with one store would have said.',
  async tell(stage) {
    stage.start();
    const leader = await stage.untilLed();
    const other = stage.followers()[0]!;
    const redirected = stage.ask(put('x', '1'), other);
    await stage.until('the follower answers', () => redirected.outcome !== null);
    stage.expect(
      'a follower says who leads',
      redirected.outcome?.type === 'notLeader' && redirected.outcome.leader === leader,
    );
    for (const operation of [
      get('x'),
      put('x', '1'),
      get('x'),
      cas('x', '1', '2'),
      cas('x', '1', '3'),
      get('x'),
      put('y', 'kept'),
      remove('x'),
      remove('x'),
      get('x'),
    ]) {
      await stage.done(operation);
    }
    stage.crash(leader);
    await stage.untilLed();
    await stage.done(get('y'));
    await stage.done(put('x', '4'));
    stage.restart(leader);
    await stage.untilEqual();
    stage.showLogs();
  },
};
