import { type Story, steady } from '../story.ts';
import { put } from '../story-client.ts';

export const logDivergence: Story = {
  name: 'log-divergence',
  title: 'Logs diverge after a change of leader, and the new leader makes them equal',
  source: 'Raft paper §5.3',
  moral:
    'the entries that nobody had committed were replaced on the old leader; no leader changed its own log.',
  plan: steady,
  async tell(stage) {
    stage.timeouts({ 1: 150, 2: 160, 3: 300 });
    stage.start();
    await stage.untilLed();
    await stage.write('x', '1');
    await stage.pass(60);
    stage.partition([1], [2, 3]);
    const lost = ['2', '3', '4'].map((value) => stage.ask(put('x', value), 1));
    await stage.until('node2 leads', () => stage.isLeader(2));
    await stage.done(put('y', '1'), 2);
    stage.say('Each log as the terms of its entries; ] stands where a node knows the committed part to end.');
    stage.showLogs();
    stage.expect(
      'from entry 3 on the logs of node1 and node2 differ',
      stage.hasLog(1, [1, 1, 1, 1, 1]) && stage.hasLog(2, [1, 1, 2, 2]),
    );
    stage.heal();
    await stage.untilEqual();
    stage.showLogs();
    stage.expect(
      'all three logs are that of node2',
      [1, 3].every((id) => stage.hasLog(id, stage.terms(2))),
    );
    await stage.pass(100);
    stage.expect(
      'nobody was told that x=2, x=3 or x=4 was written',
      lost.every(({ outcome }) => outcome === null || outcome.type !== 'applied'),
    );
  },
};
