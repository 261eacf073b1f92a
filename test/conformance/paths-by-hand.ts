import { model, type StepInput } from '../../src/conformance/plan.ts';
import type { Dispensable } from '../../src/verify/paths/chart-without.ts';
import { pathSettings } from '../../src/verify/paths/model-node.ts';
import {
  type Path,
  type PathEvent,
  type PathMessage,
  type PathSet,
  pathFormatVersion,
} from '../../src/verify/paths/path.ts';

/** A path through the chart as it is. */
export const pathOf = (
  id: string,
  voters: readonly number[],
  inputs: readonly (PathEvent | StepInput)[],
  disk: Path['disk'] = 'prompt',
  lacks: readonly Dispensable[] = [],
  settings: Path['settings'] = pathSettings,
): Path => {
  const base = { voters, disk, settings, lacks };
  const steps = inputs.map((input) =>
    'event' in input ? input : { event: input, isDuplicate: false, isHostile: false },
  );
  return { id, title: id, ...base, steps: model(base, steps).steps };
};

export const setOf = (...paths: readonly Path[]): PathSet => ({
  version: pathFormatVersion,
  chart: 'by hand',
  cover: 'transitions',
  paths,
});

export const deliver = (message: PathMessage): PathEvent => ({ type: 'deliver', message });

export const electionTimeout: PathEvent = { type: 'timeout', timer: 'electionTimeout' };
export const restart: PathEvent = { type: 'restart' };

export const requestVote = (from: number, term: number, lastLogIndex = 0, lastLogTerm = 0): PathEvent =>
  deliver({ type: 'RequestVote', from, to: 1, term, lastLogIndex, lastLogTerm, leadershipTransfer: false });

export const voteGranted = (from: number, term: number): PathEvent =>
  deliver({ type: 'RequestVoteResponse', from, to: 1, term, voteGranted: true });

export const preVoteGranted = (from: number, term: number): PathEvent =>
  deliver({ type: 'PreVoteResponse', from, to: 1, term, voteGranted: true });

/** The peer holds everything up to `matchIndex`. */
export const accepted = (from: number, term: number, prevLogIndex: number, matchIndex: number): PathEvent =>
  deliver({
    type: 'AppendEntriesResponse',
    from,
    to: 1,
    term,
    success: true,
    prevLogIndex,
    matchIndex,
    conflictTerm: 0,
    conflictIndex: 0,
    round: 0,
  });

/** `terms` are those of the entries sent. */
export const appendEntries = (
  from: number,
  term: number,
  prevLogIndex: number,
  prevLogTerm: number,
  terms: readonly number[],
  leaderCommit = 0,
): PathEvent =>
  deliver({
    type: 'AppendEntries',
    from,
    to: 1,
    term,
    prevLogIndex,
    prevLogTerm,
    entries: terms.map((each) => ({ term: each, kind: 'command', payload: `t${each}` })),
    leaderCommit,
    round: 0,
  });
