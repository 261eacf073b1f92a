import { describe, expect, it } from 'vitest';
import { send } from '../../../../src/raft/effects.ts';
import { termAt } from '../../../../src/raft/log-shape.ts';
import type { AppendEntriesResponse } from '../../../../src/raft/messages.ts';
import { withDecision } from '../../../../src/simulate/broken/broken-chart.ts';
import { logNotCompared } from '../../../../src/simulate/broken/broken-charts.ts';
import { runStory } from '../../../../src/simulate/scenario/run-story.ts';
import { StoryUnusable } from '../../../../src/simulate/scenario/story-unusable.ts';
import { textStory } from '../../../../src/simulate/scenario/text/text-story.ts';
import { transcriptOf } from '../golden-transcripts.ts';

/** What did not hold, or why it cannot be played; null if all of it holds. */
const outcomeOf = async (text: string, seed = 1): Promise<string | null> => {
  try {
    return await runStory(textStory('a.txt', text), { seed, print: () => {} });
  } catch (error) {
    if (error instanceof StoryUnusable) return `unusable: ${error.message}`;
    throw error;
  }
};

const rewrittenOf = async (text: string): Promise<string> => {
  const story = textStory('a.txt', text);
  expect((await transcriptOf(story, 1, {}, true)).failure).toBeNull();
  return story.rewritten();
};

const elected = 'start\nelect 1\nheartbeat 1\nstabilize\n';

/** With time that runs: 1 leads, and everybody knows. */
const led =
  'time: runs\n\ntimeouts 1=150ms 2=300ms 3=300ms\nstart\nuntil led\ntimeouts random\nuntil equal\n';

describe('a story in text', () => {
  it('holds, with or without a header and transcripts', async () => {
    expect(await outcomeOf('start\ncampaign 1\nstabilize\nexpect 1 is leader in term 1')).toBeNull();
    expect(await outcomeOf(await rewrittenOf('title: A\n\nstart\ncampaign 1\n'))).toBeNull();
  });

  it('fails at the line of an expectation that does not hold, and says what is so', async () => {
    expect(await outcomeOf(`${elected}expect 2 is leader`)).toBe(
      'a.txt:5: expected 2 is leader; got node2 is follower in term 1',
    );
  });

  it('fails at the first line of a transcript that differs', async () => {
    const told = await rewrittenOf('start\nheartbeat 1\n'.replace('heartbeat 1', 'campaign 1'));
    expect(await outcomeOf(told.replace('pre-candidate', 'candidate'))).toMatch(
      /^a\.txt:5: expected "node1 {4}asks .*: candidate"; got "node1 {4}asks .*: pre-candidate"$/,
    );
    expect(await outcomeOf(`${told.trimEnd()}\nmore`)).toMatch(
      /^a\.txt:\d+: expected "more"; got nothing more$/,
    );
    expect(await outcomeOf('start\n----\n')).toBe('a.txt:3: expected nothing more; got "3 nodes start"');
  });

  it('compares its transcripts with its own seed only', async () => {
    const text = 'time: runs\nseed: 3\n\nstart\nuntil led\n';
    const told = textStory('a.txt', text);
    await transcriptOf(told, 3);
    expect(await outcomeOf(told.rewritten(), 3)).toBeNull();
    expect(await outcomeOf(told.rewritten().replace('3 nodes', '4 nodes'), 3)).not.toBeNull();
    expect(await outcomeOf(told.rewritten().replace('3 nodes', '4 nodes'), 4)).toBeNull();
  });

  it('ends where a safety property breaks', async () => {
    const machine = logNotCompared;
    const text = `${elected}propose 1 put x 1\ndrop to 3\nstabilize\ncrash 1\ntick 2 leaderLease\ncampaign 3\nstabilize\n`;
    const { failure } = await transcriptOf(textStory('a.txt', text), 1, { machine });
    expect(failure).toMatch(/^a\.txt:11: violated: Leader Completeness/);
  });
});

describe('the transcripts of a story that is rewritten', () => {
  it('are filled in and renewed, and nothing else changes', async () => {
    const text =
      '# Why.\n\ntitle:  A \n# What.\nnodes: 3\n\nstart\n----\nold\n\n\n# More.\ncampaign 1\n# Comment.\n\nexpect 1 is pre-candidate';
    const told = await rewrittenOf(text);
    expect(told).toBe(
      [
        '# Why.\n\ntitle:  A \n# What.\nnodes: 3\n\nstart\n----\n         3 nodes start\n\n\n# More.\ncampaign 1\n# Comment.\n----',
        'node1    asks whether it could win term 1: pre-candidate',
        '         | A whole election timeout passed without hearing from a leader or granting a vote. [Raft',
        '         | paper §5.2; Figure 2, Followers; thesis §9.6]',
        '\nexpect 1 is pre-candidate\n----\n✓        1 is pre-candidate',
      ].join('\n'),
    );
    expect(await rewrittenOf(told)).toBe(told);
  });

  it('have the line ends of the file, and its byte order mark stays', async () => {
    const told = await rewrittenOf('\uFEFFtitle: A\r\n\r\nstart\r\n');
    expect(told).toBe('\uFEFFtitle: A\r\n\r\nstart\r\n----\r\n         3 nodes start\r\n');
    expect(await outcomeOf(told)).toBeNull();
  });

  it('say ok where nothing is told', async () => {
    expect(await rewrittenOf('quietly start\n')).toBe('quietly start\n----\nok\n');
  });
});

describe('the verbs of a story', () => {
  it.each([
    [
      'deliver takes what is under way now, and not what that calls forth',
      'start\ncampaign 1\ndeliver\nexpect message from 2 to 1 PreVoteResponse\nexpect 1 is pre-candidate',
    ],
    [
      'deliver takes one message by sender, receiver, type and place',
      `${elected}propose 1 put x 1\npropose 1 put x 2\ndeliver from 1 to 2 AppendEntries last\nexpect 2 last 1\ndeliver to 2 nth 1\nexpect 2 last 2\nexpect message to 3 nth 2\nexpect no message to 3 nth 3`,
    ],
    [
      'lie changes what a message says, and only that one',
      'nodes: 5\nwithout: pre-vote\n\nstart\ncampaign 1\ndeliver to 2\nlie from 2 to 1 RequestVoteResponse term=7 voteGranted=false\ndeliver from 2\nexpect 1 term 7\ndeliver to 3\nexpect 3 term 1',
    ],
    [
      'lie lasts for a message that is repeated',
      'without: pre-vote\n\nstart\ncampaign 1\nlie to 2 term=2\nrepeat to 2\nexpect 2 term 2\nlie to 2 term=5\ndeliver to 2\nexpect 2 term 5',
    ],
    [
      'repeat keeps the message, which may arrive again',
      'without: pre-vote\n\nstart\ncampaign 1\nrepeat to 2\nexpect 2 vote 1\ndeliver to 2\ndeliver from 2\nexpect 1 is leader in term 1',
    ],
    [
      'a write that waits makes what depends on it wait',
      'without: pre-vote\n\nstart\nslow-disk 2\ncampaign 1\ndeliver to 2\nexpect 2 vote 1\nexpect 2 disk vote none\nexpect no message from 2\nsync 2\nexpect 2 disk term 1\nexpect 2 disk vote none\nexpect no message from 2\nsync 2\nexpect 2 disk vote 1\nexpect message from 2 to 1 RequestVoteResponse\nsync 2 all\n',
    ],
    [
      'a crash forgets what waits for the disk',
      `${elected}crash 3\nexpect 3 is down\nrestart 3\nexpect 3 is follower in term 1\nexpect 3 log 1`,
    ],
    [
      'two mutes mute both, and heal ends all',
      `${elected}mute 1\nmute 2\ncut 3 to 1\nheartbeat 1\nexpect no message\ntick 2 leaderLease\ncampaign 2\nexpect no message\nheal\nheartbeat 1\nexpect message to 2\nexpect message to 3`,
    ],
    [
      'a partition and a mute compose',
      'nodes: 5\nwithout: pre-vote\n\nstart\npartition 1 2 3 | 4 5\nmute 2\ncampaign 1\nstabilize\nexpect 2 vote 1\nexpect 3 vote 1\nexpect 4 vote none\nexpect 1 is candidate',
    ],
    [
      'a cut is one way',
      `${elected}cut 1 to 2\nheartbeat 1\nexpect no message to 2\nexpect message to 3\ntick 2 leaderLease\ncampaign 2\nexpect message from 2 to 1 PreVote`,
    ],
    [
      'a node that started behind a partition is heard once it heals',
      'start 1\nstart 2\npartition 1 2 | 3\nstart 3\nheal\nelect 3\nexpect 1 vote 3',
    ],
    [
      'a node starts from a log, a term and a vote',
      'start 1 log=1,1,4 term=6 vote=2\nexpect 1 log 1 1 4\nexpect 1 term 6\nexpect 1 vote 2\nexpect 1 disk last 3 of term 4\nexpect 2 is down',
    ],
    [
      'a node starts from a snapshot and what comes after it',
      'nodes: 1\n\nstart 1 log=1,1,4,4 snapshot=3\nexpect 1 log 0 0 4 4\nexpect 1 snapshot 3\nexpect 1 commit 3\nexpect 1 holds e2 1\nexpect 1 holds e4 nothing\ncampaign 1\nexpect 1 holds e4 4',
    ],
    [
      'commands of all kinds are answered',
      'nodes: 1\n\nstart\ncampaign 1\npropose 1 get x\nexpect told no value\npropose 1 put x 1\nexpect told applied\npropose 1 cas x 1 2\nexpect told applied\npropose 1 cas x 1 3\nexpect told mismatch\npropose 1 get x\nexpect told value 2\npropose 1 delete x\nread 1 x\nexpect told no value\nexpect told 2 applied\nexpect not told 4 applied',
    ],
    [
      'a change that makes no sense is refused',
      `${elected}change 1 promote 2\nexpect told refused unchanged`,
    ],
    [
      'a fuller chart does what a poorer one does not',
      'without: noop, leader-lease\n\nstart\nelect 1\nexpect 1 last 0\nelect 2\nexpect 2 is leader in term 2',
    ],
    [
      'a leader with an old entry on a majority does not commit it',
      'start 1 log=1,2 term=3\nstart 2 log=1,2 term=2\nstart 3 log=1 term=2\nelect 1\nexpect 1 commit 3',
    ],
    [
      'time passes until it is so',
      'time: runs\n\nstart\nuntil led within 1s\nexpect not no leader\nhold from 1\npass 10ms\nrelease\npass 1s\nexpect equal',
    ],
    [
      'timeouts are given and drawn',
      'time: runs\n\ntimeouts 1=150ms 2=300ms 3=300ms\nstart\nuntil 1 is leader\ntimeouts random\nslow-link 1 to 2 100ms\nslow-disk 3 5ms\ncrash 1\nuntil led\nexpect 1 is down',
    ],
    [
      'what is shown needs no leader',
      `${elected}log\nstatus\nstatus 2\nprogress 1\nnetwork\nstar 1 2\nexpect leader 1\nexpect 2 follows 1\nexpect 2 voters 1 2 3\nexpect 2 learners none\nexpect 2 outgoing none`,
    ],
    [
      'a lease answers a read at once',
      `reads: lease\n\n${elected}read 1 x\nexpect told no value\nexpect no message`,
    ],
    [
      'a read without a lease waits for a round',
      `reads: index\n\n${elected}read 1 x\nexpect told nothing\nexpect message from 1 AppendEntries\nstabilize\nexpect told no value`,
    ],
    [
      'a message arrives although its sender has crashed, but not once that has started again',
      `${elected}propose 1 put x 1\ncrash 1\nexpect message from 1 to 2\ndeliver to 2\nexpect 2 last 2\nrestart 1\nexpect no message from 1 to 3 AppendEntries`,
    ],
    [
      'a message is lost when its receiver crashes',
      `${elected}propose 1 put x 1\ncrash 2\nexpect no message to 2\nexpect message to 3`,
    ],
    [
      'a rule is known by its id as well',
      'start\ncampaign 1\nexpect 1 took raft.follower/after:electionTimeout/1',
    ],
    [
      'a leader that is paused loses its place, and steps down once it goes on',
      `${led}pause 1\npass 1s\nexpect 1 is leader in term 1\nexpect not leader 1\nresume 1\npass 100ms\nexpect 1 is follower`,
    ],
    [
      'a paused node may crash, and is paused no longer once it is back',
      `${led}pause 1\ncrash 1\nrestart 1\npass 1s\nexpect equal`,
    ],
    [
      'a slow clock makes an election timeout long, and a right one makes it end',
      'nodes: 1\ntime: runs\n\nclock 1 0.1\nstart\npass 1s\nexpect not 1 is leader\nclock 1 1\npass 3s\nexpect 1 is leader',
    ],
    [
      'a sync that fails stops its node, which starts again',
      `${led}fail-sync 2\npropose 1 put x 1\npass 50ms\nexpect 2 is down\npass 1s\nexpect 2 is up\nexpect equal`,
    ],
    [
      'a full disk of one node stops nobody else, and has room again',
      `${led}full-disk 2\npropose 1 put x 1\npass 50ms\nexpect told applied\nsnapshot 2\npass 50ms\nexpect not told done\nfull-disk 2 no\nsnapshot 2\npass 50ms\nexpect told done\npropose 1 put x 2\npass 50ms\nexpect told applied`,
    ],
    [
      'a lost disk gives way to another, until the one before is back',
      `${led}propose 1 put x 1\npass 100ms\nlose-disk 3\npass 1s\nrestore-disk 3\npass 1s\nexpect equal`,
    ],
    [
      'mend ends whatever cuts one link, and nothing else',
      `${elected}cut 1 to 2\nmute 1\nmend 1 to 2\nheartbeat 1\nexpect message to 2\nexpect no message to 3\nheal\nheartbeat 1\nexpect message to 3\ndrop\ncut 1 to 2\nheartbeat 1\nexpect no message to 2\nexpect message to 3`,
    ],
    [
      'rates lose all, repeat all and change how long messages take, until they are others',
      `${led}rates loss=100%\npass 100ms\npropose 1 put x 1\npass 100ms\nexpect told nothing\nrates loss=0% duplicates=100% reorders=12.5% delay=7ms\npass 1s\nexpect told applied\nrates duplicates=0% reorders=0% delay=1ms..2ms\nuntil equal`,
    ],
    [
      'the story has lasted so long at a time',
      'time: runs\n\nstart\nat 100ms\nexpect not led\nat 100ms\nat 0.9s\nexpect led',
    ],
    [
      'step by step one thing happens after the other, also at one time',
      'nodes: 1\ntime: runs\n\nstart\nat 5ms\nstep 0\nexpect 1 is follower\nstep\nexpect not 1 is follower\nexpect not 1 is leader\nstep 20\nexpect 1 is leader',
    ],
    [
      'what is caught waits although time passes, and what is sent after it does not',
      `${led}propose 1 put x 1\ncatch to 2 AppendEntries\npass 20ms\nexpect 2 last 1\nexpect 3 last 2\nexpect message from 1 to 2 AppendEntries\ndeliver to 2 first\npass 20ms\nexpect 2 last 2`,
    ],
    [
      'what is delayed arrives so much later, and is overtaken',
      `${led}propose 1 put x 1\ndelay 30ms to 2 AppendEntries\npass 25ms\nexpect 2 last 1\npass 10ms\nexpect 2 last 2`,
    ],
    [
      'what is delayed arrives later than it would have, and messages take exactly as long as they are told to',
      `${led}rates delay=40ms\npropose 1 put x 1\npass 39ms\nexpect 2 last 1\npass 6ms\nexpect 2 last 2\npropose 1 put x 2\ndelay 30ms to 2 AppendEntries last\npass 69ms\nexpect 3 last 3\nexpect 2 last 2\npass 6ms\nexpect 2 last 3`,
    ],
    [
      'what was caught travels again once it is delayed',
      `${led}propose 1 put x 1\ncatch to 2\npass 20ms\ndelay 5ms to 2 first\npass 4ms\nexpect 2 last 1\npass 2ms\nexpect 2 last 2`,
    ],
    [
      'crash after K effects comes once the node has done so many',
      `${led}crash 1 after 2\nexpect 1 is up\nrates loss=100%\npropose 1 put x 1\npass 5ms\nexpect 1 is down\nrestart 1\npass 5ms\nexpect 1 is up`,
    ],
    [
      'a sync that was to fail succeeds after all, which may be said of a node that is down as well',
      `${led}fail-sync 2\nfail-sync 2 no\npropose 1 put x 1\npass 50ms\nexpect 2 is up\nfail-sync 3\ncrash 3\nfail-sync 3 no`,
    ],
    [
      'what is sent while a link is stalled arrives after that, and each link has a time of its own',
      `${led}stall 1 to 2 60ms\nstall 1 to 3 10ms\npropose 1 put x 1\npass 9ms\nexpect 3 last 1\npass 11ms\nexpect 3 last 2\npass 39ms\nexpect 2 last 1\npass 10ms\nexpect 2 last 2`,
    ],
    [
      'a connection that breaks loses what is on its way, and is made anew',
      `${led}rates delay=20ms\npropose 1 put x 1\ndisconnect 1 2\npass 25ms\nexpect 2 last 1\nexpect 3 last 2\nuntil equal`,
    ],
    [
      'next drop loses the Kth message of a kind from now on, and no other',
      `${led}next drop to 2 AppendEntries nth 2\npropose 1 put x 1\npass 10ms\nexpect 2 last 2\npropose 1 put x 2\npass 10ms\nexpect 2 last 2\nexpect 3 last 3\npropose 1 put x 3\nexpect message to 2`,
    ],
    [
      'next drop counts what a cut link loses as well',
      `${led}next drop to 2 AppendEntries\ncut 1 to 2\npropose 1 put x 1\nmend 1 to 2\npropose 1 put x 2\nexpect message to 2`,
    ],
    [
      'several fates may be named for the same link before anything is sent, each for one message',
      `${led}rates delay=1ms\nnext delay to 2 AppendEntries\nnext drop to 3 AppendEntries\nnext repeat to 3 AppendEntries nth 2\npropose 1 put x 1\npropose 1 put x 2\nexpect message to 2 nth 2\nexpect no message to 2 nth 3\nexpect message to 3 nth 2\nexpect no message to 3 nth 3\npass 1.5ms\nexpect message to 2`,
    ],
    [
      'each node takes a snapshot after so many entries where the story says so',
      `snapshots: 2\n${led}expect 1 snapshot 0\npropose 1 put x 1\npass 100ms\nexpect 1 snapshot 2\nexpect 3 snapshot 2`,
    ],
    [
      'syncs take as long as the story says',
      `syncs: 40ms\n${led}propose 1 put x 1\npass 39ms\nexpect 1 disk last 1\npass 2ms\nexpect 1 disk last 2`,
    ],
    [
      'syncs take between the shorter and the longer time',
      'nodes: 1\nsyncs: 0ms..2s\ntime: runs\n\nstart\npass 400ms\nexpect not 1 is leader\npass 9s\nexpect 1 is leader',
    ],
    [
      'a lease is short where clocks may be very wrong, whatever the seed',
      `drift: 50%\nseed: 999999999\nreads: lease\n${led}partition 1 | 2 3\npass 60ms\nread 1 x\npass 1ms\nexpect told nothing`,
    ],
    [
      'a lease is long where clocks are nearly right, and a rate may have as many places as a number has',
      `drift: 5%\nreads: lease\n${led}partition 1 | 2 3\npass 60ms\nread 1 x\npass 1ms\nexpect told no value\nclock 1 0.12345678901234567`,
    ],
  ])('%s', async (_, text) => {
    expect(await outcomeOf(text)).toBeNull();
  });
});

describe('the transcript of what befalls a cluster', () => {
  it.each([
    ['next repeat to 2 PreVote', 'network  will repeat the next PreVote that is sent to node2'],
    ['next delay from 1 nth 3', 'network  will delay the next message but 2 that is sent by node1'],
    ['next drop', 'network  will lose the next message that is sent'],
    ['stall 1 to 2 5ms', 'network  keeps what node1 sends to node2 for 5 ms'],
    ['disconnect 1 2', 'network  breaks the connections between node1 and node2'],
    ['fail-sync 1', 'node1    has a disk whose next sync fails'],
    ['fail-sync 1 no', 'node1    has a disk whose syncs succeed again'],
  ])('has a line for %s', async (directive, line) => {
    const told = await rewrittenOf(`time: runs\n\nstart\npass 5ms\n${directive}\n`);
    expect(told.trimEnd().endsWith(line)).toBe(true);
  });

  it('says what a message said, and what it says since its sender lies', async () => {
    const told = await rewrittenOf('without: pre-vote\n\nstart\ncampaign 1\nlie to 2 term=4\n');
    expect(told).toContain(
      '\nnode1    lies to node2: instead of RequestVote t1 log 0/t0 it sends RequestVote t4 log 0/t0\n',
    );
  });
});

/** A leader that answers each answer. */
const neverAtRest = withDecision('recordMatch', (context, event, right) => {
  const { id, currentTerm: term, commitIndex: leaderCommit, round } = { ...context, ...right.patch };
  const { from, matchIndex: prevLogIndex } = event as AppendEntriesResponse;
  const prevLogTerm = termAt(context.log, prevLogIndex);
  const entries: readonly [] = [];
  const again = send({
    type: 'AppendEntries',
    from: id,
    to: from,
    term,
    prevLogIndex,
    prevLogTerm,
    entries,
    leaderCommit,
    round,
  });
  return { ...right, effects: [...right.effects, again] };
});

describe('a story that cannot be played', () => {
  it.each([
    ['', 'a.txt:1: nothing happens: write a directive, such as start'],
    ['title: A\ntitle: B\n\nstart', 'a.txt:2: title is set twice'],
    ['node: 3\n\nstart', 'a.txt:1: there is no setting "node"; there are title, source, moral, nodes, '],
    ['nodes: three\n\nstart', 'a.txt:1: "three" is not the number of nodes: write a whole number'],
    ['nodes: 99\n\nstart', 'a.txt:1: the number of nodes is 1 to 15, not 99'],
    ['nodes:\n\nstart', 'a.txt:1: nodes is empty: give it a value, or leave it out'],
    ['time: never\n\nstart', 'a.txt:1: time is held or runs, not "never"'],
    [
      'without: votes\n\nstart',
      'a.txt:1: a node cannot do without "votes", but without pre-vote, leader-lease, ',
    ],
    ['----\nstart', 'a.txt:1: there is no directive before ----'],
    ['start\n\n----\n', 'a.txt:3: there is no directive before ----'],
    ['strat', 'a.txt:1: there is no verb "strat"; there are start, campaign, '],
    ['constructor', 'a.txt:1: there is no verb "constructor"'],
    [
      'start\n\ncampaign 7',
      'a.txt:3: there is no node 7, only 1 to 3; "nodes" and "spares" at the top set how many (campaign N)',
    ],
    ['start\ncampaign', 'a.txt:2: a node is missing (campaign N)'],
    ['start\ncampaign one', 'a.txt:2: "one" is not a node: write a whole number'],
    ['start\ncampaign 1 2', 'a.txt:2: "2" is unexpected here: leave it out (campaign N)'],
    ['campaign 1', 'a.txt:1: node1 is down: start it first'],
    ['start\ncrash 1\npropose 1 get x', 'a.txt:3: node1 is down: restart it first'],
    ['start\nrestart 1', 'a.txt:2: node1 has not crashed: crash it first'],
    ['start\nstart 1', 'a.txt:2: node1 has been started before: restart it after a crash'],
    ['start\ntick 1 quorumCheck', 'a.txt:2: the quorumCheck of node1 does not run; running: electionTimeout'],
    ['start\ntick 1 teatime', 'a.txt:2: a timer is one of electionTimeout, '],
    ['start\ndeliver', 'a.txt:2: no such message is under way; under way: none (deliver '],
    [
      'start\ncampaign 1\nlie to 2',
      'a.txt:3: what it says instead, such as term=5, is missing (lie [from N] [to N] [TYPE] [first|last|nth K] FIELD=VALUE…)',
    ],
    ['start\nlie to 2 term=5', 'a.txt:2: no such message is under way'],
    [
      'start\ncampaign 1\nlie to 2 voteGranted=true',
      'a.txt:3: PreVote may lie about term, lastLogIndex, lastLogTerm, not "voteGranted"',
    ],
    ['start\ncampaign 1\nlie to 2 term', 'a.txt:3: a message is one of RequestVote, '],
    ['start\ncampaign 1\nlie to 2 term=', 'a.txt:3: "" is not a value of term: write a whole number'],
    ['start\ncampaign 1\nlie to 2 term=2 from 3', 'a.txt:3: PreVote may lie about term, '],
    [
      'start\nquietly elect 1\nheartbeat 1\ndeliver to 3\nlie from 3 success=1',
      'a.txt:5: success is true or false, not "1"',
    ],
    ['start\ncampaign 1\nlie to 2 term=0', 'a.txt:3: whoever gets such a message refuses it: '],
    ['start\ndeliver from 1 Vote', 'a.txt:2: a message is one of RequestVote, '],
    ['start\ndrop nth 0', 'a.txt:2: messages are numbered from 1 on'],
    ['start\nsync 1', 'a.txt:2: no write of node1 waits for its disk (sync N [all])'],
    ['start\npropose 1 sing', 'a.txt:2: a command is one of put, get, delete, cas, not "sing"'],
    ['start\nchange 1 replace 2', 'a.txt:2: a change is one of add, promote, demote, remove, not "replace"'],
    ['start\npartition 1 2', 'a.txt:2: expected two groups, such as 1 2 | 3'],
    ['start\npartition 1 | 1 2', 'a.txt:2: node 1 is named twice: it can be on one side only (partition '],
    ['start\npartition 1 2 2 | 3', 'a.txt:2: node 2 is named twice: it can be on one side only (partition '],
    [
      'start\npropose 1 put "x y',
      'a.txt:2: the quotation mark in "x y is not closed: put another one after the text',
    ],
    [
      'start\nexpect 1 took "Nothing',
      'a.txt:2: the quotation mark in "Nothing is not closed: put another one after the text',
    ],
    ['start\ncut 1 2', 'a.txt:2: expected "to", not "2" (cut N to M)'],
    ['start\nprogress 1', 'a.txt:2: node1 tracks no followers: it is not the leader'],
    ['start\nexpect', 'a.txt:2: an expectation is missing'],
    ['start\nexpect 1 sleeps', 'a.txt:2: what a node may be expected to be is one of is, term, '],
    ['start\nexpect peace', 'a.txt:2: an expectation begins with a node, or is one of leader, no, '],
    [
      'start\nexpect 1 took "Nothing of the kind"',
      'a.txt:2: no transition of the chart begins with "Nothing of the kind"',
    ],
    ['start\nexpect told applied', 'a.txt:2: there is no request 0: clients have asked 0 times so far'],
    ['start\nexpect 1 term = one', 'a.txt:2: "one" is not a number'],
    ['start\nsay', 'a.txt:2: what to say is missing (say TEXT)'],
    ['start\nquietly', 'a.txt:2: quietly what? write a directive after it'],
    ['start\nquietly quietly start', 'a.txt:2: quietly is said twice: leave one out'],
    ['start\npass 1s', 'a.txt:2: pass is not for this story: time is held here: say "time: runs" at the top'],
    [
      'time: runs\n\nstart\ncampaign 1',
      'a.txt:4: campaign is not for this story: time runs here: say "time: held" at the top',
    ],
    [
      'time: runs\n\nstart\npass 1h',
      'a.txt:4: "1h" is not a time: write one such as 100ms or 2s, of at most 10m',
    ],
    ['time: runs\n\nstart\ntimeouts 1=1s', 'a.txt:4: an election timeout lies in 150 to 300 ms, not at 1000'],
    ['start 1 log=1,2,1', 'a.txt:1: the terms of a log never fall, and begin with 1 or more'],
    ['start 1 log=0', 'a.txt:1: the terms of a log never fall'],
    ['start 1 log=1,4 term=3', 'a.txt:1: a node in term 3 has no entry of term 4: give a later term'],
    ['start 1 log=1 vote=9', 'a.txt:1: there is no node 9 to vote for'],
    ['start 1 log=1 snapshot=2', 'a.txt:1: a snapshot of entry 2 goes beyond the log'],
    ['start 1 log=1 commit=1', 'a.txt:1: no disk holds a commit index: a leader tells it'],
    ['start 1 log=1 weight=2', 'a.txt:1: a disk has no "weight": give log=1,1,4, term=6, '],
    [
      'start 1 log=1,1,2\nstart 2 log=1,2,2',
      'a.txt:2: no cluster comes to these logs: node2 and node1 both hold entry 3 of term 2, and differ at 2',
    ],
    [
      'start\npause 1',
      'a.txt:2: pause is not for this story: time is held here: say "time: runs" at the top',
    ],
    ['time: runs\n\npause 1', 'a.txt:3: node1 is down: start it first (pause N)'],
    ['time: runs\n\nstart\npass 5ms\npause 1\npause 1', 'a.txt:6: node1 is paused already (pause N)'],
    ['time: runs\n\nstart\nresume 1', 'a.txt:4: node1 is not paused (resume N)'],
    ['time: runs\n\nstart\nclock 1', 'a.txt:4: a rate is missing (clock N RATE)'],
    [
      'time: runs\n\nstart\nclock 1 0',
      'a.txt:4: "0" is not a rate: write a number from 0.01 to 100, such as 1.5',
    ],
    ['time: runs\n\nstart\nclock 1 101', 'a.txt:4: "101" is not a rate: write a number from 0.01 to 100'],
    ['time: runs\n\nstart\nclock 1 fast', 'a.txt:4: "fast" is not a rate'],
    [
      'seed: 1000000000\n\nstart',
      'a.txt:1: "1000000000" is not a seed: write a whole number up to 999999999',
    ],
    ['start\ncrash 1 after', 'a.txt:2: a number of effects is missing (crash N… [after K])'],
    ['start\ncrash 1 after 2 3', 'a.txt:2: "3" is unexpected here: leave it out (crash '],
    [
      'start\ncampaign 1\nlie to 2 entries=5',
      'a.txt:3: PreVote may lie about term, lastLogIndex, lastLogTerm, not "entries"',
    ],
    [
      'start\nquietly elect 1\nheartbeat 1\nlie to 3 entries=5',
      'a.txt:4: AppendEntries may lie about term, ',
    ],
    ['drift: 51%\n\nstart', 'a.txt:1: clocks may be wrong by 50% at most, not by 51%'],
    ['syncs: 3ms..1ms\n\nstart', 'a.txt:1: the shorter time comes first, as in 1ms..20ms'],
    ['snapshots: 0\n\nstart', 'a.txt:1: the number of entries is 1 to 1000000, not 0'],
    [
      'time: runs\n\nnext lose',
      'a.txt:3: what befalls a message is one of drop, repeat, delay, not "lose" (next ',
    ],
    [
      'time: runs\n\nnext drop last',
      'a.txt:3: nobody knows which message will be the last: write nth K (next ',
    ],
    ['time: runs\n\nfail-sync 1', 'a.txt:3: node1 is down: start it first (fail-sync N [no])'],
    [
      'time: runs\n\nstart\nfull-disk 1 yes',
      'a.txt:4: "yes" is unexpected here: leave it out (full-disk N [no])',
    ],
    [
      'time: runs\n\npartition 1 | 2 3\nstart\npass 5ms\nlose-disk 1',
      'a.txt:6: the others could not tell that node1 has lost its disk: let it connect with all of them first',
    ],
    ['time: runs\n\nstart\nrestore-disk 1', 'a.txt:4: node1 is on its own disk (restore-disk N)'],
    ['start\nmend 1 2', 'a.txt:2: expected "to", not "2" (mend N to M)'],
    ['time: runs\n\nstart\nrates', 'a.txt:4: a rate is missing (rates '],
    [
      'time: runs\n\nstart\nrates losses=1%',
      'a.txt:4: there is no rate "losses"; there are loss, duplicates, reorders, delay (rates ',
    ],
    ['time: runs\n\nstart\nrates loss=101%', 'a.txt:4: "101%" is not a percentage: write one such as 10%'],
    ['time: runs\n\nstart\nrates loss', 'a.txt:4: "" is not a percentage'],
    ['time: runs\n\nstart\nrates delay=5', 'a.txt:4: "5" is not a time'],
    [
      'time: runs\n\nstart\nrates delay=5ms..1ms',
      'a.txt:4: the shorter time comes first, as in 1ms..20ms (rates ',
    ],
    ['time: runs\n\nstart\npass 5ms\nat 4ms', 'a.txt:5: the story has lasted 5 ms already (at TIME)'],
    ['time: runs\n\nstart\nat noon', 'a.txt:4: "noon" is not a time'],
    ['time: runs\n\nstart\nstep one', 'a.txt:4: "one" is not a number of events'],
    ['time: runs\n\nstart\ncatch', 'a.txt:4: no such message is under way; under way: none (catch '],
    ['time: runs\n\nstart\ndelay to 2', 'a.txt:4: "to" is not a time: write one such as 100ms'],
    ['time: runs\n\nstart\ndelay 1ms to 2', 'a.txt:4: no such message is under way'],
    ['start\ncatch', 'a.txt:2: catch is not for this story: time is held here'],
    ['violates:\n\nstart', 'a.txt:1: violates is empty: give it a value, or leave it out'],
  ])('says where and how to mend it: %j', async (text, message) => {
    const outcome = await outcomeOf(text);
    expect(outcome).toContain(`unusable: ${message}`);
    expect(outcome).not.toContain('\n');
  });

  it('says so when messages call forth messages without end', async () => {
    const story = textStory('a.txt', 'start\nelect 1\n');
    await expect(transcriptOf(story, 1, { machine: neverAtRest })).rejects.toThrow(
      /^a\.txt:2: it does not come to rest: messages still call forth messages after 5000; .* \(elect N\)$/,
    );
  });
});
