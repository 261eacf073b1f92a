import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { linkTo, storyIn } from '../../../src/simulate/play/link.ts';
import { StoryUnusable } from '../../../src/simulate/scenario/story-unusable.ts';

/** What somebody could do in two minutes: at odd moments, with nodes and kinds of faults in no order. */
const intervention = (at: number): string => {
  const [one, two, three] = [1 + (at % 5), 1 + ((at * 3 + 1) % 5), 1 + ((at * 7 + 2) % 5)];
  const kinds = [
    `crash ${one}`,
    `propose ${two} put key${at} value${at * 37}`,
    `partition ${one} ${(one % 5) + 1} | ${((one + 1) % 5) + 1} ${((one + 2) % 5) + 1} ${((one + 3) % 5) + 1}`,
    `drop from ${two} to ${(two % 5) + 1} AppendEntries nth ${1 + (at % 4)}`,
    `restart ${one}`,
    `rates loss=${at % 30}% delay=${at % 9}ms..${10 + at}ms`,
    'heal',
    `clock ${three} ${1 + at / 100}`,
    `delay ${at * 13}ms from ${three} RequestVoteResponse first`,
    `slow-disk ${two} ${at}ms`,
  ];
  return `at ${(at * 2411.707).toFixed(3)}ms\n${kinds[at % kinds.length]}`;
};

const played = `title: Fifty things at once
nodes: 5
time: runs
seed: 4711

start
${Array.from({ length: 50 }, (_, at) => intervention(at + 1)).join('\n')}
`;

const linkOfBytes = (bytes: Uint8Array): string => `#story=1.${Buffer.from(bytes).toString('base64url')}`;

const refusalOf = async (link: string): Promise<string> => {
  const error = await storyIn(link).catch((refusal: Error) => refusal);
  expect(error).toBeInstanceOf(StoryUnusable);
  return (error as StoryUnusable).message;
};

describe('a link to a story', () => {
  it('holds it to the letter', async () => {
    const text = 'title: Größer ⇒ besser\ntime: runs\n\nstart\nsay "x y" – and so on\n';
    expect(await storyIn(await linkTo(text))).toBe(text);
  });

  it('is below 2 kB for fifty interventions, in characters that no program changes', async () => {
    const link = await linkTo(played);
    process.stdout.write(`a link to ${played.length} characters of story has ${link.length}\n`);
    expect(link.length).toBeLessThan(2000);
    expect(link).toMatch(/^#story=1\.[\w-]+$/);
    expect(await storyIn(link)).toBe(played);
  });

  it('is read without its #, and with spaces around it', async () => {
    const link = await linkTo('start\n');
    expect(await storyIn(` ${link.slice(1)}\n`)).toBe('start\n');
  });

  it('is refused where it is none', async () => {
    for (const link of ['', '#', '#story=', '#story=1', '#story=x.abc', '#other=1.abc', '#story=1.a+b'])
      expect(await refusalOf(link)).toBe('the link holds no story: it should end in #story=1.…');
  });

  it('is refused where it is of another version', async () => {
    const link = await linkTo('start\n');
    expect(await refusalOf(link.replace('=1.', '=2.'))).toBe(
      'the story in the link is of version 2, and this page reads 1: open it with the raftchart that made it',
    );
  });

  it('is refused where a part of it is missing or was changed', async () => {
    const link = await linkTo(played);
    const torn = 'the link is incomplete or was changed: copy all of it';
    for (const length of [10, 12, 100, link.length - 40, link.length - 1])
      expect(await refusalOf(link.slice(0, length))).toBe(torn);
    for (let at = 12; at < link.length; at += 97) {
      const other = link[at] === 'A' ? 'B' : 'A';
      expect(await refusalOf(link.slice(0, at) + other + link.slice(at + 1))).toBe(torn);
    }
    expect(await refusalOf('#story=1.')).toBe(torn);
    expect(await refusalOf(linkOfBytes(Buffer.from('start\n')))).toBe(torn);
    expect(await refusalOf(linkOfBytes(deflateSync(Buffer.from([0xff, 0xfe, 0x80]))))).toBe(torn);
  });

  it('is refused where it holds no story', async () => {
    for (const [text, why] of [
      ['', 'line:1: nothing happens: write a directive, such as start'],
      ['nodes: 99\n\nstart', 'line:1: the number of nodes is 1 to 15, not 99'],
    ])
      expect(await refusalOf(linkOfBytes(deflateSync(Buffer.from(text!))))).toBe(
        `the link holds no story that can be played: ${why}`,
      );
  });

  it('is refused where the story would last too long', async () => {
    const lasting = (passes: string) =>
      linkOfBytes(deflateSync(Buffer.from(`time: runs\n\nstart\n${passes}`)));
    expect(await refusalOf(lasting('pass 9m\nquietly pass 60s\npass 1ms\n'))).toBe(
      'the story in the link lasts longer than 10 minutes: play it with raftchart scenario',
    );
    expect(await storyIn(lasting('pass 9m\npass 60s\n'))).toContain('pass 60s');
  });

  it('is refused where the story would be too large, before that takes memory', async () => {
    const tooLarge = 'the story is longer than the 64 KiB that fit a link: share it as a file';
    const bomb = deflateSync(Buffer.alloc(70_000_000));
    expect(bomb.length).toBeLessThan(72_000);
    const before = process.memoryUsage().arrayBuffers;
    expect(await refusalOf(linkOfBytes(bomb))).toBe(tooLarge);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_000_000);
    expect(await refusalOf(`#story=1.${'A'.repeat(200_000)}`)).toBe(tooLarge);
    await expect(linkTo(`start\n${'say x\n'.repeat(20_000)}`)).rejects.toThrow(tooLarge);
  });
});
