import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeTable, restoreTable, tableParts } from '../../../src/store/sessions/table-bytes.ts';
import { inSession, named, SessionList } from './list-machine.ts';

const filled = (sessions: number): SessionList => {
  const list = new SessionList();
  for (let nth = 0; nth < sessions; nth++) list.send(inSession(`s${nth}`, 1), 'a', { stampMs: nth * 10 });
  return list;
};

describe('a table of sessions that is written', () => {
  it('is written as it was when the writing began, whatever changes meanwhile', () => {
    const list = filled(3500);
    const { table } = list.machine;
    const before = encodeTable(table);
    const parts = tableParts(table);
    const written: Uint8Array[] = [];
    for (let round = 0; ; round++) {
      const { done, value } = parts.next();
      if (done || value === undefined) break;
      written.push(value);
      for (let nth = round; nth < 3500; nth += 7) list.send(inSession(`s${nth}`, 2, 1), `b${round}`);
      list.send(named(`n${round}`), 'new');
      if (round === 1) list.wait(2 * 3_600_000, 60_000);
    }
    expect(written.length).toBeGreaterThan(4);
    expect(Buffer.concat(written)).toEqual(Buffer.from(before));
    expect(table.size).not.toBe(3500);
  });

  it('is written in parts of little more than 64 KiB, however many sessions there are and whatever their answers hold', () => {
    const { table } = new SessionList().machine;
    for (let nth = 0; nth < 3000; nth++) {
      const result = new Uint8Array(nth % 100 === 0 ? 30_000 : 10);
      table.remember({ type: 'idempotencyKey', name: `k${nth}` }, { digest: 1, index: nth, term: 1, result });
    }
    const sizes = [...tableParts(table)].map(({ length }) => length);
    expect(sizes.length).toBeGreaterThan(10);
    expect(Math.max(...sizes)).toBeLessThan(64 * 1024 + 31_000);
  });

  it('is written as it was although another one takes its place meanwhile', () => {
    const [list, other] = [filled(3500), filled(20)];
    const { table } = list.machine;
    const before = encodeTable(table);
    const parts = tableParts(table);
    const first = parts.next().value as Uint8Array;
    restoreTable(table, encodeTable(other.machine.table));
    for (let nth = 0; nth < 20; nth++) list.send(inSession(`s${nth}`, 2, 1), 'b');
    expect(Buffer.concat([first, ...parts])).toEqual(Buffer.from(before));
    expect(table.size).toBe(20);
  });

  it('is watched no longer than it is written, also when the writing is given up', () => {
    const list = filled(3);
    const parts = tableParts(list.machine.table);
    parts.next();
    parts.return();
    const before = encodeTable(list.machine.table);
    list.send(inSession('s1', 1), 'a');
    expect(encodeTable(list.machine.table)).not.toEqual(before);
  });
});

describe('bytes that are no table of sessions', () => {
  it('are refused and change nothing: cut short, too long, or of another version', () => {
    const bytes = encodeTable(filled(3).machine.table);
    const list = filled(2);
    const before = encodeTable(list.machine.table);
    const wrong: Uint8Array[] = [bytes.with(0, 0), bytes.with(0, 2), Uint8Array.of(...bytes, 0)];
    for (let length = 0; length < bytes.length; length++) wrong.push(bytes.subarray(0, length));
    for (const each of wrong) expect(() => restoreTable(list.machine.table, each)).toThrow();
    expect(() => restoreTable(list.machine.table, bytes.with(0, 2))).toThrow(
      'the table of sessions in the snapshot has version 2, this program reads version 1: a newer raftchart wrote it, start that one',
    );
    expect(encodeTable(list.machine.table)).toEqual(before);
  });

  it('never take more memory than they have bytes', () => {
    const list = filled(1);
    const bytes = encodeTable(list.machine.table);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        try {
          restoreTable(list.machine.table, bytes.with(at, byte));
        } catch {}
        expect(list.machine.table.bytes).toBeLessThan(10 * bytes.length);
      }),
    );
  });
});
