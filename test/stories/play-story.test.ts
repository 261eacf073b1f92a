import { describe, expect, it } from 'vitest';
import { withDecision, withGuards } from '../../src/simulate/broken/broken-chart.ts';
import { logNotCompared } from '../../src/simulate/broken/broken-charts.ts';
import { differenceIn, playStory } from './play-story.ts';
import { storyFiles } from './story-files.ts';

const textOf = (name: string): string => storyFiles().find((story) => story.name === name)!.text;

const played = (...lines: readonly string[]): string => playStory('a.txt', [...lines, '----', ''].join('\n'));

describe('a story', () => {
  it('is refused with both lines when one line of its transcript is another', () => {
    const text = textOf('transfers/timeout-now-is-lost.txt');
    const changed = text.replace('refuses a: ask 3', 'refuses a: ask 2');
    expect(changed).not.toBe(text);
    expect(playStory('a.txt', changed)).toBe(text);
    const at = changed.split('\n').findIndex((line) => line.includes('ask 2')) + 1;
    expect(differenceIn('a.txt', changed, text)).toBe(
      `a.txt:${at}: the story says\n    1 refuses a: ask 2\nand the nodes\n    1 refuses a: ask 3`,
    );
  });

  it('is refused when its transcript goes on, or ends too early', () => {
    const text = '# Why.\n\ncluster 1\nstatus\n----\n';
    const told = playStory('a.txt', text);
    expect(differenceIn('a.txt', text, told)).toMatch(
      /^a\.txt:6: the story says\n {2}\nand the nodes\n {2}1 follower/,
    );
    expect(differenceIn('a.txt', told.replace('{1}', '{1}\nmore'), told)).toMatch(
      /^a\.txt:7: .*\n {2}more\nand/,
    );
    expect(differenceIn('a.txt', told, told)).toBe('');
  });

  it('is told another way by a chart that lacks one rule', () => {
    const text = textOf('members/removed-node-disturbs-nobody.txt');
    const broken = playStory('a.txt', text, withGuards({ isDisruptiveVote: () => false }));
    expect(broken).not.toBe(text);
    expect(broken).not.toContain('so that a disruptive server cannot depose it');
  });

  it('ends where a safety property breaks', () => {
    const machine = logNotCompared;
    const script = 'cluster 3\nelect 1\ncut 3\npropose 1 a\ndeliver\nheal 3\ncrash 1\nelect 3\n----\n';
    expect(() => playStory('a.txt', script, machine)).toThrow(
      /^a\.txt:8: elect 3: breaks Leader Completeness: /,
    );
  });

  it('ends where a node would stop', () => {
    const machine = withDecision('sendHeartbeats', () => {
      throw new Error('no beat');
    });
    const script = 'cluster 3\nelect 1\nheartbeat 1\n----\n';
    expect(() => playStory('a.txt', script, machine)).toThrow(
      'a.txt:3: heartbeat 1: node 1 stops: no beat (heartbeat NODE)',
    );
  });

  it('keeps its comments, its script and its empty lines', () => {
    const text = '# Why.\n\n# How.\ncluster 1\n----\nold\nlines\n\n# More.\nstatus\n----\n';
    expect(playStory('a.txt', text)).toBe(
      [
        '# Why.\n\n# How.\ncluster 1\n----\nok\n\n# More.\nstatus\n----',
        '1 follower.unleased term 0 vote none, log to 0/0 commit 0, members {1}\n',
      ].join('\n'),
    );
  });

  it.each([
    ['cluster 3\nelct 1', 2, /does not know "elct"; there are cluster, elect, timeout, .*network$/],
    ['elect 1', 1, /comes before a cluster: begin with "cluster 3"$/],
    ['cluster three', 1, /"three" is not a number of voters$/],
    ['cluster 3 spare=1', 1, /does not know the option spare; there are spares, chunks, trailing, /],
    ['cluster 3\n# Too many.\nstatus 4', 3, /there is no node 4; there are 1, 2, 3 \(status \[NODE…\]\)$/],
    ['cluster 3\ntimeout 1 heartbeat', 2, /"heartbeat" is not a node or a timer, of electionTimeout, /],
    ['cluster 3\ntimeout 1 quorumCheck', 2, /quorumCheck of node 1 does not run; running: electionTimeout/],
    [
      'cluster 3\ntimeout 1\ndeliver 1 2 Append',
      3,
      /does not know the message Append; there are RequestVote, /,
    ],
    ['cluster 3\ndeliver 1 2', 2, /no such message is under way; under way: none/],
    ['cluster 3\ndeliver 1', 2, /nothing is not a node or \*/],
    ['cluster 3\nchange 1 promote', 2, /nothing is not a node/],
    ['cluster 3\nchange 1 replace 2', 2, /does not know the change replace/],
    ['cluster 3\nchange 1 remove 1 remove 2', 2, /is more than one change: separate them by commas/],
    ['cluster 3\nsnapshot 1', 2, /node 1 has applied nothing since its last snapshot, at 0/],
    ['cluster 3\ncheck 1 sound', 2, /no snapshot that node 1 has received waits to be checked/],
    ['cluster 3\ndisk 1', 2, /no write of node 1 waits for its disk/],
    ['cluster 3\ncrash 1 1', 2, /only 0 writes of node 1 wait for its disk/],
    ['cluster 3\ncrash 1\nelect 1', 3, /node 1 is down/],
    ['cluster 3\nrestart 1', 2, /node 1 runs/],
    ['cluster 3\ncut 2 3\nelect 1', 3, /node 1 does not win: it is preCandidate/],
    ['cluster 3\npropose 1', 2, /proposes nothing/],
    ['cluster 3\nread', 2, /names not exactly one node/],
    ['cluster 3\nexchange 1 2', 2, /nothing is under way among 1, 2/],
  ])('is refused with its place when it says %j', (script, line, message) => {
    let error = '';
    try {
      played(script);
    } catch (thrown) {
      error = (thrown as Error).message;
    }
    expect(error).toMatch(message);
    expect(error.startsWith(`a.txt:${line}: `), error).toBe(true);
  });

  it.each([
    ['cluster 3\n\nstatus\n----\n', 'a.txt:2: expected ---- after the commands'],
    ['cluster 3\n----\n\nstatus', 'a.txt:4: expected ---- after the commands'],
  ])('is refused when a block does not end: %j', (text, message) => {
    expect(() => playStory('a.txt', text)).toThrow(message);
  });
});
