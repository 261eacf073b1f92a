import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageIn, messageJson } from '../../../src/adapters/codec/json-message.ts';
import { isMalformed } from '../../../src/adapters/codec/malformed.ts';
import { encodeMessage } from '../../../src/adapters/codec/message.ts';
import { messageTypes } from '../../../src/raft/message-table.ts';
import { anyMessage } from './message-arbitraries.ts';

const reasonOf = (read: ReturnType<typeof messageIn>): string =>
  isMalformed(read) ? read.malformed : 'well-formed';
const vote = { term: 7, candidate_id: 3, last_log_index: 5, last_log_term: 2 };

describe('messages as JSON', () => {
  it('come back as they were, through the text of any JSON', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const json = JSON.parse(JSON.stringify(messageJson(message)));
        const read = messageIn(message.type, message.from, message.to, json);
        expect(reasonOf(read)).toBe('well-formed');
        expect(Buffer.from(encodeMessage(read as typeof message))).toEqual(
          Buffer.from(encodeMessage(message)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('bear the names of Figure 2', () => {
    const message = messageIn('RequestVote', 3, 1, vote);
    expect(message).toEqual({
      type: 'RequestVote',
      from: 3,
      to: 1,
      term: 7,
      lastLogIndex: 5,
      lastLogTerm: 2,
      leadershipTransfer: false,
    });
    const entries = [
      { term: 1, kind: 'noop' },
      { term: 2, kind: 'command', text: 'put x 1' },
      { term: 2, kind: 'command', payload: '9Q==' },
    ];
    const heartbeat = {
      term: 2,
      leader_id: 3,
      prev_log_index: 0,
      prev_log_term: 0,
      entries,
      leader_commit: 1,
    };
    const read = messageIn('AppendEntries', 3, 1, heartbeat);
    expect(isMalformed(read) ? read : messageJson(read)).toEqual({ ...heartbeat, round: 0 });
  });

  it.each<[string, unknown, string]>([
    ['no object', [vote], 'RequestVote: not an object'],
    ['null', null, 'RequestVote: not an object'],
    [
      'another sender',
      { ...vote, candidate_id: 2 },
      'RequestVote: candidate_id is not node 3, which sent it',
    ],
    ['no term', { ...vote, term: undefined }, 'RequestVote: term is not an integer from 0 on'],
    ['text for a number', { ...vote, last_log_index: '5' }, 'RequestVote: lastLogIndex is not an index'],
    [
      'a field too few',
      { ...vote, last_log_term: undefined },
      'RequestVote: last_log_term is missing or not as it should be',
    ],
    ['a field too many', { ...vote, lastLogTerm: 2 }, 'RequestVote: there is no field "lastLogTerm"'],
    [
      'what no correct peer says',
      { ...vote, last_log_term: 7 },
      'RequestVote: lastLogTerm is not below term',
    ],
  ])('are malformed with %s', (_, json, reason) => {
    expect(reasonOf(messageIn('RequestVote', 3, 1, json))).toBe(reason);
  });

  it.each<[string, unknown]>([
    ['no array', {}],
    ['no entry', [1]],
    ['text and payload', [{ term: 1, kind: 'command', text: 'x', payload: 'eA==' }]],
    ['no base64', [{ term: 1, kind: 'command', payload: '%' }]],
    ['a field too many', [{ term: 1, kind: 'noop', index: 1 }]],
  ])('are malformed with entries that are %s', (_, entries) => {
    const json = { term: 2, leader_id: 3, prev_log_index: 0, prev_log_term: 0, entries, leader_commit: 1 };
    expect(reasonOf(messageIn('AppendEntries', 3, 1, json))).toMatch(
      /^AppendEntries: entries is missing or not/,
    );
  });

  it('never throw, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.constantFrom(...messageTypes), fc.jsonValue(), (type, json) => {
        expect(reasonOf(messageIn(type, 3, 1, json))).toMatch(/^[^\n]{1,200}$/);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(anyMessage, fc.string(), fc.jsonValue(), (message, key, value) => {
        const json = { ...messageJson(message) };
        const keys = Object.keys(json);
        const changed = { ...json, [keys[key.length % keys.length]!]: value };
        expect(reasonOf(messageIn(message.type, message.from, message.to, changed))).toMatch(
          /^[^\n]{1,200}$/,
        );
      }),
      { numRuns: 2000 },
    );
  });
});
