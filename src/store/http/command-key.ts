import type { IncomingHttpHeaders } from 'node:http';
import { type CommandKey, isCommandKey, isName, maxNameChars } from '../sessions/envelope.ts';

/** What a write is to be known by when it arrives again. */
export interface KeyedBy {
  readonly key: CommandKey;
  readonly ageMs: number;
}

const session = /^([!-~]+); sequence=(\d{1,15}); received=(\d{1,15}); age=(\d{1,15})$/;

/** The key of a write in its headers, null if it has none, or a sentence for the client if there is something else in them. */
export const keyedBy = (headers: IncomingHttpHeaders): KeyedBy | null | string => {
  const name = headers['idempotency-key'];
  const text = headers['x-raft-session'];
  if (name === undefined && text === undefined) return null;
  if (name !== undefined && text !== undefined)
    return 'give an Idempotency-Key or an X-Raft-Session, not both';
  return text === undefined ? idempotencyKey(String(name)) : sessionKey(String(text));
};

const idempotencyKey = (name: string): KeyedBy | string =>
  isName(name)
    ? { key: { type: 'idempotencyKey', name }, ageMs: 0 }
    : `an Idempotency-Key has 1 to ${maxNameChars} visible ASCII characters`;

const sessionKey = (text: string): KeyedBy | string => {
  const [, name = '', sequence, received, age] = session.exec(text) ?? [];
  const key = {
    type: 'session',
    session: name,
    sequence: Number(sequence),
    received: Number(received),
  } as const;
  return isCommandKey(key)
    ? { key, ageMs: Number(age) }
    : 'an X-Raft-Session reads NAME; sequence=N; received=M; age=MILLISECONDS, with M below N';
};
