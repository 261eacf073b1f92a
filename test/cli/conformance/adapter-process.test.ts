import { afterEach, describe, expect, test } from 'vitest';
import { AdapterProcess } from '../../../src/cli/conformance/adapter-process.ts';
import {
  AdapterBroken,
  AdapterHung,
  AdapterMalformed,
  AdapterUnusable,
} from '../../../src/conformance/adapter.ts';
import { initOf } from '../../../src/conformance/run-path.ts';
import { pathSettings } from '../../../src/verify/paths/model-node.ts';

const init = initOf({ voters: [1], disk: 'prompt', settings: pathSettings });
const good = '{"ok":true,"state":{"role":"follower","term":0,"votedFor":null,"commitIndex":0},"sent":[]}';

let adapter: AdapterProcess;
afterEach(() => adapter.close());

const start = (command: string, timeoutMs = 10_000): AdapterProcess => {
  adapter = new AdapterProcess(command, timeoutMs);
  return adapter;
};

describe('an adapter is unusable, and one line says why, if it', () => {
  test.each([
    ['does not start', 'exec /no/such/file', 'its process ended (exit code 127)'],
    ['exits', 'exit 3', 'its process ended (exit code 3) when asked to "init"'],
    ['exits in the middle of a line', `printf '{"ok":tr'`, 'in the middle of the line: {"ok":tr'],
    [
      'does not speak JSON',
      'echo hello; cat',
      'what is not JSON, one object on one line (all else goes to standard error): hello; it was asked {"do":"init",',
    ],
    ['leaves something out', `echo '{"ok":true,"sent":[]}'; cat`, 'state: Invalid key'],
    [
      'forgets a field of a message',
      `echo '${good.replace('[]', '[{"type":"RequestVote","from":1,"to":2,"term":1,"lastLogIndex":0}]')}'; cat`,
      'sent.0.lastLogTerm: Invalid key: Expected "lastLogTerm" but received undefined, in {"type":"RequestVote","from":1,',
    ],
    ['invents a role', `echo '${good.replace('follower', 'boss')}'; cat`, 'state.role: Invalid type'],
    [
      'declares what nobody knows',
      `echo '${good.replace('"sent"', '"capabilities":{"magic":true},"sent"')}'; cat`,
      'capabilities.magic: no such capability; there are preVote, ',
    ],
    [
      'does not know the version',
      `echo '{"ok":false,"error":"version 1?"}'; cat`,
      'the adapter refuses to start a node: version 1?',
    ],
  ])('%s', async (_, command, text) => {
    const error = await start(command)
      .ask(init)
      .catch((each) => each);
    expect(error).toBeInstanceOf(AdapterUnusable);
    expect(error.message).toContain(text);
    expect(error.message).not.toContain('\n');
  });

  test('is silent', async () => {
    const error = await start('cat >/dev/null', 100)
      .ask(init)
      .catch((each) => each);
    expect(error).toBeInstanceOf(AdapterUnusable);
    expect(error.message).toBe(
      'the adapter gave no answer to "init" in 100 ms (does it flush its standard output after each line?)',
    );
  });
});

describe('from its first sound answer on, nonsense costs an adapter its path and no more:', () => {
  test('an answer that is none says what was asked, what came and what is wrong, and the next init starts it again', async () => {
    start(`read line; echo '${good}'; read line; echo '{"ok":true,"sent":[]}'; cat >/dev/null`);
    await adapter.ask(init);
    const error = await adapter.ask({ do: 'restart' }).catch((each) => each);
    expect(error).toBeInstanceOf(AdapterMalformed);
    expect(error.message).toMatch(/^the adapter's answer is not of the protocol: state: Invalid key/);
    expect(error.message).toContain('{"ok":true,"sent":[]}');
    expect(error.message).toContain('it was asked {"do":"restart"}');
    expect(error.message).not.toContain('\n');
    await expect(adapter.ask(init)).resolves.toMatchObject({ ok: true });
    expect(adapter.starts).toBe(2);
  });

  test('a second answer to one request fails the next request', async () => {
    // Both at once, in one write: the second line cannot pass for the answer to what is asked next.
    start(`read line; printf '%s\\n%s\\n' '${good}' '${good}'; cat > /dev/null`);
    await adapter.ask(init);
    const error = await adapter.ask({ do: 'state' }).catch((each) => each);
    expect(error).toBeInstanceOf(AdapterMalformed);
    expect(error.message).toContain('a line that nobody asked for, after its answer to {"do":"init"');
    await expect(adapter.ask(init)).resolves.toMatchObject({ ok: true });
    expect(adapter.starts).toBe(2);
  });

  test('it may refuse to start another node', async () => {
    start(
      `read line; echo '${good}'; read line; echo '{"ok":false,"error":"only one voter"}'; cat >/dev/null`,
    );
    await adapter.ask(init);
    await expect(adapter.ask(init)).resolves.toEqual({ ok: false, error: 'only one voter' });
  });
});

test('an adapter that dies in a path is started again by the next one, and its last words are kept', async () => {
  start(`read line; echo '${good}'; read line; echo 'Error: no such entry' >&2; exit 7`);
  await adapter.ask(init);
  const error = await adapter.ask({ do: 'restart' }).catch((each) => each);
  expect(error).toBeInstanceOf(AdapterBroken);
  expect(error.message).toBe('its process ended (exit code 7) when asked to "restart": Error: no such entry');
  await expect(adapter.ask({ do: 'state' })).rejects.toThrow('the adapter has ended');
  await expect(adapter.ask(init)).resolves.toMatchObject({ ok: true });
  expect(adapter.starts).toBe(2);
});

test('an adapter that hangs after an answer has hung, however often, and is started again', async () => {
  start(`read line; echo '${good}'; cat >/dev/null`, 300);
  for (let times = 1; times <= 4; times++) {
    await adapter.ask(init);
    const error = await adapter.ask({ do: 'restart' }).catch((each) => each);
    expect(error).toBeInstanceOf(AdapterHung);
    expect(error.message).toBe('it hung: no answer to "restart" in 300 ms');
  }
  expect(adapter.starts).toBe(4);
});

test('of the last words of a program that dies, the line with the error is told, not one of the stack', async () => {
  const words = [
    'Traceback (most recent call last):',
    '    raise KeyError("x")',
    "KeyError: 'no such entry'",
  ];
  const say = words.map((line) => `echo '${line.replaceAll("'", `'\\''`)}' >&2`).join('; ');
  start(`read line; echo '${good}'; read line; ${say}; exit 1`);
  await adapter.ask(init);
  await expect(adapter.ask({ do: 'restart' })).rejects.toThrow(
    /when asked to "restart": KeyError: 'no such entry'$/,
  );
});
