import { expect, it } from 'vitest';
import { PatientOutput } from '../../../src/cli/node/patient-output.ts';

/** An output into a sink that takes, or refuses, what it was given when told to. */
const output = () => {
  const told: string[] = [];
  const taken: string[] = [];
  let pending: { readonly text: string; readonly done: (error: Error | null) => void } | null = null;
  const patient = new PatientOutput({
    sink: (text, done) => {
      expect(pending).toBeNull();
      pending = { text, done };
    },
    maxWaiting: 10,
    lost: (reason) => told.push(`lost: ${reason}`),
    goesOn: (lines) => told.push(`goes on after ${lines}`),
  });
  const end = (error: Error | null) => {
    const { text, done } = pending!;
    pending = null;
    if (error === null) taken.push(text);
    done(error);
  };
  return {
    patient,
    told,
    taken,
    takes: () => end(null),
    refuses: (reason: string) => end(new Error(reason)),
    isAsked: () => pending !== null,
  };
};

it('lines that are written while the sink is busy follow together, in order', () => {
  const { patient, taken, takes, isAsked } = output();
  for (const line of ['a\n', 'b\n', 'c\n']) patient.write(line);
  takes();
  expect(patient.isIdle).toBe(false);
  takes();
  expect(taken).toEqual(['a\n', 'b\nc\n']);
  expect([patient.isIdle, isAsked()]).toEqual([true, false]);
});

it('what is too much for a slow sink is lost, and counted; the count is told when the sink is empty again', () => {
  const { patient, told, taken, takes } = output();
  for (const line of ['1234\n', '2345\n', '3456\n', '4567\n', '5678\n']) patient.write(line);
  expect(told).toEqual(['lost: it is not taken as fast as it is written']);
  takes();
  expect(told).toHaveLength(1);
  takes();
  expect(taken).toEqual(['1234\n', '2345\n3456\n']);
  expect(told.slice(1)).toEqual(['goes on after 2']);
});

it('what the sink refuses is lost, all of it; the next line is tried again', () => {
  const { patient, told, taken, takes, refuses } = output();
  patient.write('a\n');
  patient.write('b\n');
  patient.write('c\n');
  refuses('ENOSPC');
  refuses('ENOSPC');
  expect(patient.isIdle).toBe(true);
  patient.write('d\n');
  takes();
  expect(taken).toEqual(['d\n']);
  expect(told).toEqual(['lost: ENOSPC', 'goes on after 3']);
});

it('a line that is larger than all that may wait is written where nothing waits', () => {
  const { patient, told, taken, takes } = output();
  patient.write('x'.repeat(20));
  patient.write('y'.repeat(20));
  takes();
  takes();
  expect(taken.map(({ length }) => length)).toEqual([20, 20]);
  expect(told).toEqual([]);
});

it('what is told when it goes on may itself be written', () => {
  const { patient, taken, takes, refuses, told } = output();
  patient.write('a\n');
  refuses('gone');
  const { push } = told;
  told.push = (line) => {
    patient.write(`${line}\n`);
    return push.call(told, line);
  };
  patient.write('b\n');
  takes();
  takes();
  expect(taken).toEqual(['b\n', 'goes on after 1\n']);
});
