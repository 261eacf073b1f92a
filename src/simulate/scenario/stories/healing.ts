import type { Story } from '../story.ts';
import { put } from '../story-client.ts';

export const healing: Story = {
  name: 'healing',
  title: 'Nobody has a majority; the network heals and the cluster recovers',
  source: 'Raft paper §5.2; thesis §9.6',
  moral:
    'without a majority nothing is promised and, thanks to the pre-vote, no term rises; healed, a leader within two seconds.',
  plan: { nodes: 5 },
  async tell(stage) {
    stage.start();
    const leader = await stage.untilLed();
    await stage.write('x', '1');
    await stage.pass(60);
    const others = stage.followers();
    stage.partition([leader, others[0]!], [others[1]!, others[2]!], [others[3]!]);
    const unanswered = stage.ask(put('x', '2'), leader);
    await stage.until('the leader gives up', () => !stage.isLeader(leader), 700);
    stage.say('Two more seconds of asking without success, not shown.');
    await stage.hushed(() => stage.pass(2000));
    stage.expect(
      'nobody leads, and nothing was acknowledged',
      stage.all().every(({ id }) => !stage.isLeader(id)) && unanswered.outcome === null,
    );
    stage.expect(
      'all are still in term 1',
      stage.all().every(({ currentTerm }) => currentTerm === 1),
    );
    stage.heal();
    const healedMs = stage.nowMs;
    await stage.hushed(async () => {
      await stage.untilLed();
    });
    stage.expect(
      `there is a leader again within two seconds: node${stage.leader().id} in term ${stage.leader().currentTerm}`,
      stage.nowMs - healedMs < 2000,
    );
    await stage.write('x', '3');
    await stage.hushed(() => stage.untilEqual());
    stage.expect(
      'all five hold the same log',
      stage.all().every(({ id }) => stage.hasLog(id, stage.terms(1))),
    );
    stage.showLogs();
  },
};
