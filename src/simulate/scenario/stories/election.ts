import type { Story } from '../story.ts';

export const election: Story = {
  name: 'election',
  title: 'A normal election: a leader within 500 ms',
  source: 'Raft paper §5.2',
  moral: 'three nodes that start together have one leader within 500 ms, and the others follow it.',
  async tell(stage) {
    stage.start();
    const leader = await stage.untilLed(500);
    stage.expect('one node leads within 500 ms, and its first entry is committed', stage.nowMs < 500);
    await stage.pass(1000);
    stage.expect(
      'a second later it leads still, in the same term',
      stage.leader().id === leader && stage.leader().currentTerm === 1,
    );
  },
};
