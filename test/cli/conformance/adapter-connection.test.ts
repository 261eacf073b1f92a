import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from 'vitest';
import { AdapterSession } from '../../../src/cli/adapter/adapter-session.ts';
import { AdapterConnection } from '../../../src/cli/conformance/adapter-connection.ts';
import { AdapterBroken, AdapterHung, AdapterUnusable } from '../../../src/conformance/adapter.ts';
import { initOf } from '../../../src/conformance/run-path.ts';
import { pathSettings } from '../../../src/verify/paths/model-node.ts';
import { freePorts } from '../../processes/free-ports.ts';
import { raftchart } from '../run-raftchart.ts';

const init = initOf({ voters: [1], disk: 'prompt', settings: pathSettings });
const good = '{"ok":true,"state":{"role":"follower","term":0,"votedFor":null,"commitIndex":0},"sent":[]}\n';

let server: Server | null = null;
const open = new Set<Socket>();
let adapter: AdapterConnection | undefined;

/** Listens with what becomes of each connection; returns its port. */
const listen = (onConnection: (socket: Socket) => void, port = 0): Promise<number> =>
  new Promise((resolve) => {
    const opened = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => {});
      onConnection(socket);
    });
    server = opened;
    opened.listen(port, '127.0.0.1', () => resolve((opened.address() as { port: number }).port));
  });

const stopListening = (): Promise<void> =>
  new Promise((resolve) => {
    for (const socket of open) socket.destroy();
    open.clear();
    if (server === null) resolve();
    else server.close(() => resolve());
    server = null;
  });

afterEach(async () => {
  adapter?.close();
  await stopListening();
});

const connectTo = (port: number, timeoutMs = 10_000): AdapterConnection => {
  adapter = new AdapterConnection({ host: '127.0.0.1', port }, timeoutMs);
  return adapter;
};

const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.fail(),
    (each) => each,
  );

/** Answers each line with the next of `answers`; null: with nothing; once there are none, it hangs up. */
const scripted =
  (...answers: readonly (string | null)[]) =>
  (socket: Socket): void => {
    let at = 0;
    createInterface({ input: socket }).on('line', () => {
      const next = answers[at++];
      if (next === undefined) socket.end();
      else if (next !== null) socket.write(next);
    });
  };

/** A port on which nobody listens. */
const closedPort = async (): Promise<number> => {
  const [port] = await freePorts(1);
  return port!;
};

const ownNode = (socket: Socket): void => {
  const session = new AdapterSession();
  let last: Promise<unknown> = Promise.resolve();
  createInterface({ input: socket }).on('line', (line) => {
    last = last.then(async () => socket.write(`${await session.answer(line)}\n`));
  });
};

describe('an adapter over TCP', () => {
  test('runs the paths as one over standard input and output does', async () => {
    const port = await listen(ownNode);
    const { code, stdout } = await raftchart(
      'conformance',
      '--nodes',
      '1',
      '--adapter',
      `tcp://127.0.0.1:${port}`,
    );
    expect(stdout).toMatch(/^raftchart /);
    expect(stdout).toMatch(/^paths: 0 failed, [1-9]\d* passed/m);
    expect(code).toBe(0);
  });

  test('that refuses the connection is unusable: exit code 2, and one line', async () => {
    const port = await closedPort();
    const error = await failure(connectTo(port).ask(init));
    expect(error).toBeInstanceOf(AdapterUnusable);
    expect(error.message).toBe(`cannot connect to an adapter at 127.0.0.1:${port}: ECONNREFUSED`);
    expect(await raftchart('conformance', '--nodes', '1', '--adapter', `tcp://127.0.0.1:${port}`)).toEqual({
      code: 2,
      stdout: '',
      stderr: `${error.message}\n`,
    });
  });

  test.each(['tcp://', 'tcp://127.0.0.1', 'tcp://127.0.0.1:0', 'tcp://127.0.0.1:99999', 'tcp://a b:1'])(
    'is not at %s',
    async (address) => {
      await listen(() => {});
      expect(await raftchart('conformance', '--adapter', address)).toEqual({
        code: 2,
        stdout: '',
        stderr: `--adapter: expected tcp://HOST:PORT, got "${address}"\n`,
      });
    },
  );

  test.each([
    [
      'that hangs up at once',
      scripted(),
      'the adapter is unusable: its connection closed when asked to "init"',
    ],
    [
      'that hangs up in the middle of a line',
      (socket: Socket) => socket.end('{"ok":tr'),
      'in the middle of the line: {"ok":tr',
    ],
    ['that does not speak JSON', scripted('hello\n'), 'hello; it was asked {"do":"init",'],
    [
      'that does not know the version',
      scripted('{"ok":false,"error":"version 1?"}\n'),
      'the adapter refuses to start a node: version 1?',
    ],
  ])('%s is unusable', async (_, onConnection, text) => {
    const error = await failure(connectTo(await listen(onConnection)).ask(init));
    expect(error).toBeInstanceOf(AdapterUnusable);
    expect(error.message).toContain(text);
    expect(error.message).not.toContain('\n');
  });

  test('that is silent is unusable', async () => {
    const error = await failure(connectTo(await listen(() => {}), 100).ask(init));
    expect(error).toBeInstanceOf(AdapterUnusable);
    expect(error.message).toBe(
      'the adapter gave no answer to "init" in 100 ms (does it flush after each line?)',
    );
  });

  test('may answer in pieces, and its lines may end as on Windows', async () => {
    const inPieces = (socket: Socket) => {
      socket.write(good.slice(0, 20));
      setTimeout(() => socket.write(good.slice(20).replace('\n', '\r\n')), 20);
    };
    await expect(connectTo(await listen(inPieces)).ask(init)).resolves.toMatchObject({ ok: true });
  });

  test('that hangs up in a path has broken, and the next path connects again', async () => {
    const adapter = connectTo(await listen(scripted(good)));
    await adapter.ask(init);
    const error = await failure(adapter.ask({ do: 'restart' }));
    expect(error).toBeInstanceOf(AdapterBroken);
    expect(error.message).toBe('its connection closed when asked to "restart"');
    await expect(adapter.ask({ do: 'state' })).rejects.toThrow('the adapter has ended');
    await expect(adapter.ask(init)).resolves.toMatchObject({ ok: true });
    expect(adapter.starts).toBe(2);
  });

  test('that falls silent in a path has hung, and the next path connects again', async () => {
    const adapter = connectTo(await listen(scripted(good, null)), 200);
    for (let times = 1; times <= 2; times++) {
      await adapter.ask(init);
      const error = await failure(adapter.ask({ do: 'restart' }));
      expect(error).toBeInstanceOf(AdapterHung);
      expect(error.message).toBe('it hung: no answer to "restart" in 200 ms');
    }
    expect(adapter.starts).toBe(2);
  });

  test('that is gone is waited for', async () => {
    const port = await closedPort();
    await listen(scripted(good), port);
    const adapter = connectTo(port);
    await adapter.ask(init);
    await stopListening();
    await failure(adapter.ask({ do: 'restart' }));
    const answer = adapter.ask(init);
    await new Promise((resolve) => setTimeout(resolve, 250));
    await listen(scripted(good), port);
    await expect(answer).resolves.toMatchObject({ ok: true });
  });

  test('that stays gone counts as one that hangs, so a run of many paths ends', async () => {
    const port = await closedPort();
    await listen(scripted(good), port);
    const adapter = connectTo(port, 300);
    await adapter.ask(init);
    await stopListening();
    await failure(adapter.ask({ do: 'restart' }));
    const error = await failure(adapter.ask(init));
    expect(error).toBeInstanceOf(AdapterHung);
    expect(error.message).toBe(
      `it hung: no answer to "init" in 300 ms, cannot connect to 127.0.0.1:${port} any more: ECONNREFUSED`,
    );
  });
});
