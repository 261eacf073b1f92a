import { type Story, steady } from '../story.ts';

export const staleLeader: Story = {
  name: 'stale-leader',
  title: 'A leader behind a partition steps down when it sees the new term',
  source: 'Raft paper §5.1; Figure 2, All Servers',
  moral:
    'two nodes believe that they lead, each in its own term; the older one steps down with the first message of the newer term.',
  plan: steady,
  async tell(stage) {
    stage.timeouts({ 1: 150, 2: 160, 3: 300 });
    stage.start();
    await stage.untilLed();
    await stage.pass(100);
    stage.partition([1], [2, 3]);
    await stage.until('node2 leads', () => stage.isLeader(2));
    await stage.until('its term has begun', () => stage.node(2).commitIndex === stage.node(2).log.lastIndex);
    stage.expect(
      'node1 still believes that it leads term 1, while node2 leads term 2',
      stage.isLeader(1) && stage.node(1).currentTerm === 1 && stage.node(2).currentTerm === 2,
    );
    stage.heal();
    await stage.until('node1 steps down', () => !stage.isLeader(1));
    stage.expect('node1 follows in term 2', stage.node(1).currentTerm === 2);
    await stage.untilEqual();
  },
};
