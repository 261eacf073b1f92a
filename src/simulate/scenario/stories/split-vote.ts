import { type Story, steady } from '../story.ts';

export const splitVote: Story = {
  name: 'split-vote',
  title: 'A split vote, forced by equal timeouts, and resolved in the next round',
  source: 'Raft paper §5.2',
  moral: 'one round without a winner, and in the next round the node whose timeout is the shortest wins.',
  plan: steady,
  async tell(stage) {
    stage.timeouts({ 1: 200, 2: 200, 3: 200 });
    stage.start();
    const areCandidates = () =>
      stage.all().every(({ role, currentTerm }) => role === 'candidate' && currentTerm === 1);
    const arePreCandidates = () => stage.all().every(({ role }) => role === 'preCandidate');
    await stage.until('all three ask whether they could win', arePreCandidates);
    stage.timeouts({ 1: 180, 2: 230, 3: 280 });
    stage.say(
      'The timers of this round are equal; those of the next are drawn apart, as random draws nearly always are.',
    );
    await stage.until('all three are candidates of term 1', areCandidates);
    await stage.pass(20);
    stage.expect(
      'each has voted for itself and nobody leads',
      areCandidates() && stage.all().every(({ id, votedFor }) => votedFor === id),
    );
    const isSecondRound = () => stage.all().some(({ currentTerm }) => currentTerm === 2);
    await stage.until('the next round begins', isSecondRound);
    const leader = await stage.untilLed();
    stage.expect(`node${leader} leads term 2, the next round`, stage.leader().currentTerm === 2);
  },
};
