/** A story of one's own, told in code: the leader is cut off, and a client learns what became of its write. Run it: `node examples/tell-story.ts [seed]` */
import { put, runStory, type Story, steady } from 'raftchart/simulate';

const story: Story = {
  name: 'cut-off',
  title: 'A write to a leader that is cut off',
  source: 'Raft paper §5.3',
  moral: 'what was not committed was replaced, and the client was told.',
  plan: steady,
  async tell(stage) {
    stage.timeouts({ 1: 150, 2: 160, 3: 300 });
    stage.start();
    await stage.untilLed();
    stage.partition([1], [2, 3]);
    const lost = stage.ask(put('x', 'lost'), 1);
    await stage.until('node2 leads', () => stage.isLeader(2));
    await stage.done(put('x', 'kept'), 2);
    stage.heal();
    await stage.untilEqual();
    stage.expect('the write will never be applied', lost.told === 'overwritten', lost.told ?? 'no answer');
  },
};

const failure = await runStory(story, {
  seed: Number(process.argv[2] ?? 1),
  print: (line) => console.log(line),
});
process.exitCode = failure === null ? 0 : 1;
