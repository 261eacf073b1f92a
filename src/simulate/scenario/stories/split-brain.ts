import { type Story, steady } from '../story.ts';
import { get, put, valueIn } from '../story-client.ts';

export const splitBrain: Story = {
  name: 'split-brain',
  title: 'An attempt at split brain: five nodes, cut into two and three',
  source: 'Raft paper §5.2, §5.3',
  moral:
    'at no time did both sides commit: two of five are no majority, and of two majorities of five nodes any two share one.',
  plan: { ...steady, nodes: 5 },
  async tell(stage) {
    stage.timeouts({ 1: 150, 2: 300, 3: 160, 4: 300, 5: 300 });
    stage.start();
    await stage.untilLed();
    await stage.write('x', 'one');
    await stage.pass(60);
    stage.say('The leader, node1, is on the smaller side.');
    stage.partition([1, 2], [3, 4, 5]);
    const minority = stage.ask(put('x', 'two'), 1);
    await stage.until('the larger side has a leader', () => stage.isLeader(3));
    stage.expect('node1 and node3 both believe that they lead', stage.isLeader(1) && stage.isLeader(3));
    await stage.done(put('x', 'three'), 3);
    await stage.pass(600);
    stage.expect(
      'the smaller side has acknowledged nothing, and leads no more',
      minority.outcome === null && !stage.isLeader(1) && !stage.isLeader(2),
    );
    stage.heal();
    await stage.untilEqual();
    stage.expect('x is three', valueIn(await stage.done(get('x'))) === 'three');
    stage.showLogs();
  },
};
