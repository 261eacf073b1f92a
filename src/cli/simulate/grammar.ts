/** The grammar of the flags of `raftchart simulate`: docs/simulator.md. Each parser throws an `Error` of one line. */
import type { NodeId } from '../../raft/types.ts';
import { defaultProfile, noFaults, type Profile } from '../../simulate/generate-plan.ts';
import type { Fault } from '../../trace/fault.ts';
import { parseDuration, parseNodeId } from '../flag-values.ts';

/**
 * `1,2|3,4,5@10s-20s`: groups that do not hear each other, in which a node may stand twice, as a bridge; `1>2,3@5s-6s`: what
 * 1 sends to the others is lost. More behind `;`.
 */
export const parsePartitions = (text: string): readonly Fault[] =>
  itemsOf(text).map((item) => {
    const { what, fromMs, toMs } = timed(item, '1,2|3,4,5@10s-20s');
    const oneWay = what.includes('>');
    const groups = what.split(oneWay ? '>' : '|').map(parseIds);
    if (groups.length < 2 || (oneWay && groups.length !== 2)) {
      throw new Error(`expected groups such as 1,2|3,4,5 or 1>2,3, got "${what}"`);
    }
    if (oneWay && groups[0]!.some((id) => groups[1]!.includes(id))) {
      throw new Error(`a node is on both sides of "${what}"`);
    }
    return { kind: 'partition', groups, oneWay, fromMs, toMs };
  });

/** `2@5s-7s`: node 2 loses power at 5 s and starts at 7 s; `1,2,3@5s-7s`: several at once; `2+4@5s-7s`: four effects later. */
export const parseCrashes = (text: string): readonly Fault[] =>
  itemsOf(text).map((item) => {
    const { what, fromMs, toMs } = timed(item, '2@5s-7s');
    const [, ids, effects = '0'] = /^([\d,]+)(?:\+(\d{1,6}))?$/.exec(what) ?? [];
    if (ids === undefined) throw new Error(`expected nodes such as 2, 1,2,3 or 2+4, got "${what}"`);
    return { kind: 'crash', nodes: parseIds(ids), effects: Number(effects), fromMs, toMs };
  });

/** `2@5s-7s`: node 2 stands still. More behind `;`. */
export const parsePauses = (text: string): readonly Fault[] =>
  itemsOf(text).map((item) => {
    const { what, fromMs, toMs } = timed(item, '2@5s-7s');
    return { kind: 'pause', node: parseNodeId(what), fromMs, toMs };
  });

/** `1-30ms`, `0.1-3ms`, `5ms`: milliseconds. */
export const parseMilliseconds = (text: string): { readonly min: number; readonly max: number } => {
  const [, min, max = min] = /^(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?(?:ms)?$/.exec(text) ?? [];
  const range = { min: Number(min), max: Number(max) };
  if (min === undefined || range.min > range.max)
    throw new Error(`expected milliseconds such as 1-30ms, got "${text}"`);
  return range;
};

/** How often a second: `0.2`. */
export const parseFrequency = (text: string): number => {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new Error(`expected a number such as 0.2, got "${text}"`);
  return Number(text);
};

export const parseRate = (text: string): number => {
  const rate = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || rate > 1)
    throw new Error(`expected a probability from 0 to 1, got "${text}"`);
  return rate;
};

export const parseCount = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`expected a whole number, got "${text}"`);
  return Number(text);
};

export const parseThreads = (text: string): number => {
  const threads = parseCount(text);
  if (threads < 1) throw new Error('expected at least 1 thread, got 0');
  return threads;
};

/** `1..1000`, or a single seed. */
export const parseSeeds = (text: string): { readonly from: number; readonly to: number } => {
  const [, from, to = from] = /^(\d{1,15})(?:\.\.(\d{1,15}))?$/.exec(text) ?? [];
  const seeds = { from: Number(from), to: Number(to) };
  if (from === undefined || seeds.from > seeds.to)
    throw new Error(`expected seeds such as 1..1000, got "${text}"`);
  return seeds;
};

/** `2/8`: the second of eight parts. */
export const parseShard = (text: string): { readonly part: number; readonly of: number } => {
  const [, part, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const shard = { part: Number(part), of: Number(of) };
  if (part === undefined || shard.part < 1 || shard.part > shard.of) {
    throw new Error(`expected a shard such as 2/8, got "${text}"`);
  }
  return shard;
};

/** `default`, `none`, or how often each kind begins on average: `partition=6s,crash=10s`; kinds not named never do. */
export const parseProfile = (text: string): Profile => {
  if (text === 'default') return defaultProfile;
  if (text === 'none') return noFaults;
  const profile: Record<string, number> = { ...noFaults };
  for (const [at, item] of text.split(',').entries()) {
    if (at === 0 && item === 'default') {
      Object.assign(profile, defaultProfile);
      continue;
    }
    const [kind, every, ...rest] = item.split('=');
    if (kind === undefined || !(kind in profile) || every === undefined || rest.length > 0) {
      throw new Error(
        `expected default, none or a list such as partition=6s,crash=10s, or default,lostDisk=20s, of ${Object.keys(noFaults).join(', ')}; got "${item}"`,
      );
    }
    profile[kind] = parseDuration(every) / 1000;
  }
  return profile as Profile;
};

const itemsOf = (text: string): readonly string[] => text.split(';').map((item) => item.trim());

/** `WHAT@FROM-TO`. */
const timed = (item: string, example: string): { what: string; fromMs: number; toMs: number } => {
  const [, what, from, to] = /^([^@]+)@([^-@]+)-([^-@]+)$/.exec(item) ?? [];
  if (what === undefined) throw new Error(`expected a time such as ${example}, got "${item}"`);
  // A bare 0 is a time as well, though no duration.
  const atMs = (text: string) => (/^0(ms|s|m|)$/.test(text) ? 0 : parseDuration(text));
  const times = { what, fromMs: atMs(from!), toMs: atMs(to!) };
  if (times.fromMs > times.toMs) throw new Error(`it ends before it begins: "${item}"`);
  return times;
};

const parseIds = (text: string): readonly NodeId[] => text.split(',').map((id) => parseNodeId(id.trim()));
