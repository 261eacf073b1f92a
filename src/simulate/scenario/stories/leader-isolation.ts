import { type Story, steady } from '../story.ts';
import { get, put, valueIn } from '../story-client.ts';

export const leaderIsolation: Story = {
  name: 'leader-isolation',
  title: 'A leader that is cut off acknowledges nothing, and soon gives up',
  source: 'Raft paper §5.3; thesis §6.2',
  moral:
    'what the isolated leader took was never acknowledged, and is gone; what the majority acknowledged is everywhere.',
  plan: steady,
  async tell(stage) {
    stage.timeouts({ 1: 150, 2: 160, 3: 300 });
    stage.start();
    await stage.untilLed();
    await stage.write('x', 'before');
    stage.partition([1], [2, 3]);
    const lost = stage.ask(put('x', 'lost'), 1);
    await stage.until('node2 leads', () => stage.isLeader(2));
    await stage.done(put('x', 'kept'), 2);
    await stage.until('node1 notices that nobody answers', () => !stage.isLeader(1), 700);
    stage.expect('node1 has stepped down by itself, in its own term', stage.node(1).currentTerm === 1);
    stage.expect('it has acknowledged nothing', lost.outcome === null);
    stage.heal();
    await stage.untilEqual();
    stage.expect(
      'the client of x=lost is told that it will never be applied',
      lost.outcome?.type === 'overwritten',
    );
    stage.expect('x is kept', valueIn(await stage.done(get('x'))) === 'kept');
  },
};
