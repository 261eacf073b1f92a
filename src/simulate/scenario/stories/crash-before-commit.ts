import { type Story, steady } from '../story.ts';
import { get, put, valueIn } from '../story-client.ts';

export const crashBeforeCommit: Story = {
  name: 'crash-before-commit',
  title: 'The leader crashes after replicating an entry, before committing it',
  source: 'Raft paper §5.4.2, §8',
  moral:
    'the entry outlived its leader: the next one had it and committed it with its own first entry. The client could not know.',
  plan: steady,
  async tell(stage) {
    stage.timeouts({ 1: 150, 2: 160, 3: 300 });
    stage.start();
    await stage.untilLed();
    await stage.write('x', 'old');
    const request = stage.ask(put('x', 'new'), 1);
    await stage.until(
      'both followers hold entry 3 on disk',
      () => stage.isDurable(2, 3, 1) && stage.isDurable(3, 3, 1),
    );
    stage.crash(1);
    stage.expect(
      'entry 3 is on the disks of node2 and node3, and nobody has committed it',
      stage.all().every(({ commitIndex }) => commitIndex < 3),
    );
    await stage.untilLed();
    stage.expect(
      'node2 leads, with entry 3 of term 1 committed under its own entry 4',
      stage.isLeader(2) && stage.hasLog(2, [1, 1, 1, 2]) && stage.node(2).commitIndex === 4,
    );
    stage.expect('the client was never answered', request.outcome === null);
    stage.expect('x is new', valueIn(await stage.done(get('x'))) === 'new');
    stage.restart(1);
    await stage.untilEqual();
  },
};
