import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { AdapterSession } from '../../src/cli/adapter/adapter-session.ts';
import type { Adapter } from '../../src/conformance/adapter.ts';
import { parseAdapterLine } from '../../src/conformance/adapter-line.ts';
import { type AdapterRequest, adapterProtocolVersion } from '../../src/conformance/protocol.ts';
import { introduce } from '../../src/conformance/run-conformance.ts';
import { initOf, runPath } from '../../src/conformance/run-path.ts';
import { pathSettings } from '../../src/verify/paths/model-node.ts';
import type { PathSet } from '../../src/verify/paths/path.ts';
import { schemaPath, schemaText } from '../../tools/protocol-schema.ts';
import { generatedPaths } from '../verify/generated-paths.ts';
import { makingMs } from '../verify/made-once.ts';

const file = readFileSync(schemaPath, 'utf8');
const schema = JSON.parse(file);
const ajv = new Ajv2020({ strict: true }).addSchema(schema);
const validator = (part: string) => ajv.getSchema(`${schema.$id}${part}`)!;
const isRequest = validator('#/$defs/request');
const isAnswer = validator('#/$defs/answer');
const isLine = validator('');

test('the JSON Schema of the protocol is the one that the kit reads its lines with', () => {
  expect(file).toBe(schemaText());
  expect(schema.$id).toMatch(new RegExp(`:${adapterProtocolVersion}$`));
});

/** The values that tell the variants of a definition from each other. */
const namesIn = (definition: string, field: string): readonly string[] =>
  schema.$defs[definition].oneOf
    .map(({ properties }: { properties: Record<string, { const: string }> }) => properties[field]!.const)
    .sort();

/** This repository's own node, of which each line is held against the schema. */
class CheckedAdapter implements Adapter {
  readonly #session = new AdapterSession();
  readonly requests = new Set<string>();
  readonly messages = new Set<string>();

  async ask(request: AdapterRequest) {
    const line = JSON.stringify(request);
    const answer = await this.#session.answer(line);
    const asked = JSON.parse(line);
    const answered = JSON.parse(answer);
    if (!isRequest(asked)) throw new Error(`${line}: ${ajv.errorsText(isRequest.errors)}`);
    if (!isAnswer(answered)) throw new Error(`${answer}: ${ajv.errorsText(isAnswer.errors)}`);
    this.requests.add(request.do);
    for (const { type } of answered.sent ?? []) this.messages.add(type);
    return parseAdapterLine(answer, request);
  }
}

describe('against the JSON Schema', () => {
  let paths: PathSet;

  beforeAll(() => {
    paths = generatedPaths();
  }, makingMs);

  test('every line of a run is valid, whatever is asked and sent', async () => {
    const adapter = new CheckedAdapter();
    const { capabilities } = await introduce(adapter);
    for (const path of paths.paths) await runPath(adapter, path, capabilities);
    // Paths never ask for the state alone: it is for people.
    expect([...adapter.requests, 'state'].sort()).toEqual(namesIn('request', 'do'));
    expect([...adapter.messages].sort()).toEqual(namesIn('sentMessage', 'type'));
  }, 120_000);

  const init = initOf({ voters: [1], disk: 'prompt', settings: pathSettings });
  const state = { role: 'follower', term: 0, votedFor: null, commitIndex: 0 };
  const answer = { ok: true, state, sent: [] };
  const append = { type: 'AppendEntriesResponse', from: 1, to: 2, term: 1, success: true };
  const chunk = {
    ...{ type: 'InstallSnapshot', from: 1, to: 2, term: 1, lastIncludedIndex: 1, lastIncludedTerm: 1 },
    ...{ offset: 0, data: 'a', done: false },
  };

  test.each([
    ['an answer without what may be left out', answer, true],
    ['a field that nobody asked for', { ...answer, state: { ...state, leader: 2 }, note: 'x' }, true],
    ['a refusal', { ok: false, error: 'no transfer here' }, true],
    ['a refusal without a reason', { ok: false }, false],
    ['an answer without a state', { ok: true, sent: [] }, false],
    ['another role', { ...answer, state: { ...state, role: 'boss' } }, false],
    ['a term below 0', { ...answer, state: { ...state, term: -1 } }, false],
    ['a term that is not whole', { ...answer, state: { ...state, term: 0.5 } }, false],
    ['a message that leaves out what may be left out', { ...answer, sent: [append] }, true],
    ['a chunk of a snapshot without its checksums', { ...answer, sent: [chunk] }, true],
    ['a message without its term', { ...answer, sent: [{ ...append, term: undefined }] }, false],
    ['another type of message', { ...answer, sent: [{ ...append, type: 'Append' }] }, false],
    ['capabilities', { ...answer, capabilities: { noop: true } }, true],
    ['a capability that there is not', { ...answer, capabilities: { magic: true } }, false],
  ])('%s: the kit reads it, or not, as the schema says', (_, value, isValid) => {
    const line = JSON.stringify(value);
    const read = () => parseAdapterLine(line, { do: 'state' });
    expect(isAnswer(JSON.parse(line))).toBe(isValid);
    if (isValid) expect(read()).toBeTruthy();
    else expect(read).toThrow("the adapter's answer is not of the protocol");
  });

  test.each([
    ['init', init, true],
    ['init of another version', { ...init, version: 2 }, false],
    ['another request', { do: 'dance' }, false],
    ['a timer that there is not', { do: 'timeout', timer: 'teaTime' }, false],
    ['a transfer to whichever', { do: 'transfer', target: null }, true],
  ])('%s is judged alike by the schema and by this repository’s adapter', async (_, request, isValid) => {
    const session = new AdapterSession();
    expect(isRequest(request)).toBe(isValid);
    await session.answer(JSON.stringify(init));
    const { ok, error } = JSON.parse(await session.answer(JSON.stringify(request)));
    expect(ok, error).toBe(isValid);
  });

  test.each([
    [
      'nested too deeply to be written again',
      `{"ok":true,"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      /not of the protocol/,
    ],
    [
      'with what a terminal would obey',
      '\u001b[31mno JSON\u2028at all',
      /: \\u001b\[31mno JSON\\u2028at all; /,
    ],
    ['longer than anybody reads', 'x'.repeat(100_000), /: x{197}…; /],
  ])('a line %s is told of in one short line', (_, line, words) => {
    const read = () => parseAdapterLine(line, { do: 'state' });
    expect(read).toThrow(words);
    expect(read).toThrow(/^[^\p{Cc}\p{Zl}]{1,500}$/u);
  });

  test('the schema as a whole takes a line of either side', () => {
    expect([init, answer, { do: 'state' }].map((line) => isLine(line))).toEqual([true, true, true]);
    expect(isLine({})).toBe(false);
  });
});
