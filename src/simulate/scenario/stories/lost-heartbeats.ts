import { type Story, steady } from '../story.ts';
import { get, put, valueIn } from '../story-client.ts';

const heartbeats = Array.from({ length: 200 }, (_, at) => at + 1);
const writes = 60;

export const lostHeartbeats: Story = {
  name: 'lost-heartbeats',
  title: 'Under load every heartbeat of the leader is lost; later the load ends as well',
  source: 'Raft paper §5.2, §5.3',
  moral:
    'entries are as good as heartbeats while there are some; without either the followers elect another, and no write is lost.',
  plan: {
    ...steady,
    messageFaults: [2, 3].flatMap((to) =>
      heartbeats.map((nth) => ({ from: 1, to, nth, heartbeat: true, kind: 'drop' as const })),
    ),
  },
  async tell(stage) {
    stage.timeouts({ 1: 150, 2: 160, 3: 300 });
    stage.start();
    await stage.untilLed();
    stage.say(
      `A client writes ${writes} times, every 20 ms, not shown. The network loses each AppendEntries of node1 that has no entries.`,
    );
    const requests: { outcome: { type: string } | null }[] = [];
    await stage.hushed(async () => {
      for (let value = 1; value <= writes; value++) {
        requests.push(stage.ask(put('x', `${value}`), 1));
        await stage.pass(20);
      }
    });
    stage.expect(
      `all ${writes} writes are acknowledged`,
      requests.every(({ outcome }) => outcome?.type === 'applied'),
    );
    stage.expect('node1 leads still, in term 1', stage.isLeader(1) && stage.node(1).currentTerm === 1);
    stage.say('The load ends. Now nothing comes from node1 any more.');
    await stage.until('another leads', () => stage.isLeader(2) || stage.isLeader(3));
    await stage.untilEqual();
    stage.expect(
      `node${stage.leader().id} leads term ${stage.leader().currentTerm}, and x is ${writes}`,
      !stage.isLeader(1) && valueIn(await stage.done(get('x'))) === `${writes}`,
    );
  },
};
