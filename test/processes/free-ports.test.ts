import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { freePorts } from './free-ports.ts';

it('a port is given once, by however many calls', async () => {
  const calls = await Promise.all(Array.from({ length: 18 }, (_, at) => freePorts(1 + (at % 8))));
  const ports = calls.flat();
  expect(ports).toHaveLength(75);
  expect(new Set(ports).size).toBe(75);
});

it('a port where somebody listens is not given', async () => {
  const [before] = await freePorts(1);
  const other = createServer().listen(before! + 1, '127.0.0.1');
  await once(other, 'listening');
  expect(await freePorts(1)).toEqual([before! + 2]);
  other.close();
});

it('a process is given other ports than those that run meanwhile, even if it looks for them at the same place', async () => {
  const own = await freePorts(90);
  // Where this process has found its own.
  const random = (own[0]! - 20_000) / 12_000;
  const program = fileURLToPath(new URL('free-ports.ts', import.meta.url));
  const script = `
    Math.random = () => ${random};
    const { freePorts } = await import(${JSON.stringify(program)});
    console.log(JSON.stringify(await freePorts(90)));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  const others: readonly number[] = JSON.parse(stdout);
  expect(others).toHaveLength(90);
  expect(others.filter((port) => own.includes(port))).toEqual([]);
});
