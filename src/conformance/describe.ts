import { changesText } from '../verify/changes-text.ts';
import type { AdapterMessage, AdapterRequest } from './protocol.ts';

/** What an adapter is told, in words. */
export const describeRequest = (request: AdapterRequest): string => {
  switch (request.do) {
    case 'init':
      return `node ${request.id} of ${request.voters.length} starts`;
    case 'state':
      return 'nothing happens';
    case 'deliver':
      return `${describeMessage(request.message)} arrives from ${request.message.from}`;
    case 'timeout':
      return `${request.timer} expires`;
    case 'propose':
      return `a client proposes ${request.commands.map((command) => JSON.stringify(command)).join(', ')}`;
    case 'transfer':
      return request.target === null
        ? 'a client asks it to hand over'
        : `a client asks it to hand over to node ${request.target}`;
    case 'change':
      return `a client asks it to ${changesText(request.changes, (id) => `node ${id}`)}`;
    case 'read':
      return `a client asks for read ${request.id}`;
    case 'restart':
      return 'restart';
    case 'durable':
      return request.writes === 1 ? 'the disk is done with the oldest write' : 'the disk catches up';
    case 'snapshot':
      return 'a snapshot is saved';
    case 'checked':
      return request.isSound ? 'the snapshot received is sound' : 'the snapshot received is of no use';
    case 'applied':
      return 'the state machine catches up';
  }
};

/** A message in words, without its ends. */
export const describeMessage = (message: AdapterMessage): string => {
  const { type, term } = message;
  switch (type) {
    case 'RequestVote':
    case 'PreVote':
      return `${type} of term ${term} (last entry ${position(message.lastLogIndex, message.lastLogTerm)})`;
    case 'RequestVoteResponse':
    case 'PreVoteResponse':
      return `${type} of term ${term}: ${message.voteGranted ? 'granted' : 'refused'}`;
    case 'AppendEntries': {
      const { prevLogIndex, prevLogTerm, entries, leaderCommit } = message;
      const what = entries.length === 0 ? 'no entries' : `entries of terms ${terms(entries)}`;
      return `AppendEntries of term ${term} (${what} behind ${position(prevLogIndex, prevLogTerm)}, commit ${leaderCommit})`;
    }
    case 'AppendEntriesResponse': {
      const { success, matchIndex, prevLogIndex } = message;
      if (success) return `${type} of term ${term}: accepted${of(' up to', matchIndex)}`;
      return `${type} of term ${term}: rejected${of(' behind', prevLogIndex)}`;
    }
    case 'InstallSnapshot': {
      const { lastIncludedIndex, lastIncludedTerm, offset, done } = message;
      const what = `up to ${position(lastIncludedIndex, lastIncludedTerm)}, from byte ${offset}`;
      return `${type} of term ${term} (${what}${done ? ', the last chunk' : ''})`;
    }
    case 'InstallSnapshotResponse': {
      const { success, matchIndex, offset } = message;
      return `${type} of term ${term}: ${success ? `installed up to ${matchIndex}` : `waits for byte ${offset}`}`;
    }
    case 'TimeoutNow':
      return `${type} of term ${term}`;
    case 'ReadIndex':
      return `${type} of term ${term}, read ${message.readId}`;
    case 'ReadIndexResponse':
      return `${type} of term ${term}, read ${message.readId}: ${message.success ? `up to ${message.readIndex}` : 'refused'}`;
  }
};

export const terms = (entries: readonly { readonly term: number }[]): string =>
  entries.map(({ term }) => term).join(' ');

const position = (index: number, term: number): string => (index === 0 ? 'none' : `${index} of term ${term}`);

const of = (words: string, value: number | undefined): string =>
  value === undefined ? '' : `${words} ${value}`;
