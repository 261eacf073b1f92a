import { type Story, steady } from '../story.ts';

const rounds = 8;

export const perpetualSplitVote: Story = {
  name: 'perpetual-split-vote',
  title: 'Without random timeouts a vote may split forever; with them it does not',
  source: 'Raft paper §5.2, §9.3',
  moral: `${rounds} rounds of equal timeouts elect nobody; a few rounds of random ones do. Safety never depended on it.`,
  plan: steady,
  async tell(stage) {
    stage.timeouts({ 1: 200, 2: 200, 3: 200 });
    stage.start();
    const isRound = (term: number) =>
      stage.all().every(({ role, currentTerm }) => role === 'candidate' && currentTerm === term);
    await stage.until('the first round', () => isRound(1));
    await stage.pass(10);
    stage.expect('round 1: three candidates, three votes, no leader', isRound(1));
    stage.say(`The same again, ${rounds - 1} times, not shown.`);
    await stage.hushed(() => stage.until(`round ${rounds}`, () => isRound(rounds)));
    await stage.pass(10);
    stage.expect(
      `round ${rounds}: the same, in term ${rounds}; nobody has led any term`,
      stage.simulation.checks.view.history.leaders.length === 0,
    );
    stage.say('From here on each node draws its timeouts at random from 150 to 300 ms, as the chart does.');
    stage.drawTimeouts();
    await stage.until('the equal timers that still run expire', () => isRound(rounds + 1));
    const leader = await stage.untilLed();
    const later = stage.leader().currentTerm - rounds - 1;
    stage.expect(
      `node${leader} leads term ${stage.leader().currentTerm}, ${later === 1 ? 'one round' : `${later} rounds`} later`,
      later <= 5,
    );
  },
};
