import { joined } from '../../adapters/codec/joined.ts';
import { LaterFormat } from '../../ports/state-machine.ts';
import { assert } from '../../raft/assert.ts';
import { ByteReader } from '../byte-reader.ts';
import type { LogTime } from '../log-time.ts';
import { type RememberedAnswer, type Session, type SessionTable, sizeOf } from './session-table.ts';

/**
 * A table of sessions as bytes, for a snapshot of the state machine:
 *
 * ```
 * u8 version  f64 nowMs  u8 hasStamp  f64 lastStampMs  u32 sessions
 *   each: u8 idBytes  id  f64 usedMs  f64 received  u16 answers
 *     each: f64 sequence  f64 digest  f64 index  f64 term  u32 resultBytes  result
 * ```
 *
 * Big-endian; the sessions unused for longest come first. The same table gives the same bytes on every node.
 */
const version = 1;
const headBytes = 22;
const sessionHeadBytes = 19;
const answerHeadBytes = 36;
/** A part ends with the session that fills it: some milliseconds' work, whatever the answers hold. */
const partBytes = 64 * 1024;

/**
 * The table as it is now, in parts of whole sessions that are encoded as they are asked for. Meanwhile the table may go on changing: a
 * session that is about to change is encoded before. Ask for all parts, or `return` the generator: until then it watches the table.
 */
export const tableParts = (table: SessionTable): Generator<Uint8Array, void> => {
  const sessions = [...table.sessions];
  const head = encodeHead(table.time, sessions.length);
  const changed = new Map<Session, Uint8Array>();
  const unwatch = table.watch((session) => changed.set(session, encodeSession(session)));
  return entered(
    (function* () {
      try {
        yield nothing;
        yield head;
        let part: Uint8Array[] = [];
        let length = 0;
        for (const session of sessions) {
          const bytes = changed.get(session) ?? encodeSession(session);
          changed.delete(session);
          table.excuse(session);
          part.push(bytes);
          length += bytes.length;
          if (length < partBytes) continue;
          yield joined(part);
          part = [];
          length = 0;
        }
        if (length > 0) yield joined(part);
      } finally {
        unwatch();
      }
    })(),
  );
};

const nothing = new Uint8Array(0);

/** `generator` after its first piece, which is nothing: a generator that was never entered does not clean up on `return`. */
const entered = <Pieces extends Generator<Uint8Array, void>>(generator: Pieces): Pieces => {
  generator.next();
  return generator;
};

/** All of it at once. */
export const encodeTable = (table: SessionTable): Uint8Array => joined([...tableParts(table)]);

/** Reads the parts of a table, in order. Each ends where a session ends. */
export class TableReader {
  #time: LogTime | null = null;
  #count = 0;
  readonly #sessions = new Map<string, Session>();
  #bytes = 0;

  /** Throws for bytes that are no part of a table. */
  take(part: Uint8Array): void {
    const reader = new ByteReader(part);
    if (this.#time === null) this.#readHead(reader);
    while (!reader.isAtEnd) {
      const session = readSession(reader);
      this.#sessions.set(session.id, session);
      this.#bytes += sizeOf(session);
    }
  }

  /** Puts what was read in place of what `table` holds. Throws, and changes nothing, if a part is missing. */
  end(table: SessionTable): void {
    const { size } = this.#sessions;
    assert(this.#time !== null && size === this.#count, 'a table of sessions is read to its end', size);
    table.replace(this.#time, this.#sessions, this.#bytes);
  }

  #readHead(reader: ByteReader): void {
    const written = reader.u8();
    if (written > version) {
      throw new LaterFormat(
        `the table of sessions in the snapshot has version ${written}, this program reads version ${version}`,
      );
    }
    assert(written === version, `a table of sessions has version ${version}`, written);
    const nowMs = reader.f64();
    const hasStamp = reader.u8() === 1;
    const stampMs = reader.f64();
    this.#time = { nowMs, lastStampMs: hasStamp ? stampMs : null };
    this.#count = reader.u32();
  }
}

/** Puts what `bytes` hold in place of what `table` holds. Throws, and changes nothing, if `bytes` are not a table's. */
export const restoreTable = (table: SessionTable, bytes: Uint8Array): void => {
  const reader = new TableReader();
  reader.take(bytes);
  reader.end(table);
};

const encodeHead = ({ nowMs, lastStampMs }: LogTime, sessions: number): Uint8Array => {
  const view = new DataView(new ArrayBuffer(headBytes));
  view.setUint8(0, version);
  view.setFloat64(1, nowMs);
  view.setUint8(9, lastStampMs === null ? 0 : 1);
  view.setFloat64(10, lastStampMs ?? 0);
  view.setUint32(18, sessions);
  return new Uint8Array(view.buffer);
};

const encodeSession = ({ id, usedMs, received, answers }: Session): Uint8Array => {
  const answersAt = sessionHeadBytes + id.length;
  const length = answers.reduce((sum, { result }) => sum + answerHeadBytes + result.length, answersAt);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, id.length);
  for (let at = 0; at < id.length; at++) bytes[1 + at] = id.charCodeAt(at);
  view.setFloat64(1 + id.length, usedMs);
  view.setFloat64(9 + id.length, received);
  view.setUint16(17 + id.length, answers.length);
  let at = answersAt;
  for (const { sequence, digest, index, term, result } of answers) {
    for (const [nth, value] of [sequence, digest, index, term].entries())
      view.setFloat64(at + nth * 8, value);
    view.setUint32(at + 32, result.length);
    bytes.set(result, at + answerHeadBytes);
    at += answerHeadBytes + result.length;
  }
  return bytes;
};

const readSession = (reader: ByteReader): Session => {
  const id = reader.text(reader.u8());
  const usedMs = reader.f64();
  const received = reader.f64();
  const answers = Array.from({ length: reader.u16() }, () => readAnswer(reader));
  return { id, usedMs, received, answers, toldIn: 0 };
};

const readAnswer = (reader: ByteReader): RememberedAnswer => {
  const [sequence, digest, index, term] = [reader.f64(), reader.f64(), reader.f64(), reader.f64()];
  return { sequence, digest, index, term, result: reader.value() };
};
