/**
 * Writes docs/conformance-protocol.schema.json, the JSON Schema of the lines between the conformance kit and an adapter, from the schemas that
 * the kit itself reads those lines with; `npm run fix` does. With `--check` it only says whether the file is stale.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { toJsonSchemaDefs } from '@valibot/to-json-schema';
import { adapterProtocolVersion } from '../src/conformance/protocol.ts';
import {
  capabilitiesSchema,
  requestSchema,
  responseSchema,
  sentEntrySchema,
  sentMessageSchema,
  stateSchema,
} from '../src/conformance/protocol-schema.ts';
import {
  configurationSchema,
  countSchema,
  memberChangeSchema,
  nodeIdSchema,
  pathEntrySchema,
  pathMessageSchema,
  timerNameSchema,
} from '../src/verify/paths/path-schema.ts';

const root = resolve(import.meta.dirname, '..');

export const schemaPath = 'docs/conformance-protocol.schema.json';

const defs = toJsonSchemaDefs(
  {
    request: requestSchema,
    answer: responseSchema,
    message: pathMessageSchema,
    entry: pathEntrySchema,
    sentMessage: sentMessageSchema,
    sentEntry: sentEntrySchema,
    state: stateSchema,
    capabilities: capabilitiesSchema,
    timer: timerNameSchema,
    configuration: configurationSchema,
    memberChange: memberChangeSchema,
    nodeId: nodeIdSchema,
    count: countSchema,
  },
  // Without what comes before a schema: that a list is no object goes without saying in JSON Schema.
  { target: 'draft-2020-12', typeMode: 'output' },
);

const descriptions: Readonly<Record<keyof typeof defs, string>> = {
  request: 'A line from the kit.',
  answer:
    'A line from the adapter: one for each request, in order. Fields that are not named here are ignored.',
  message: 'A message that the kit delivers. It has all its fields.',
  entry: 'An entry of the log, in a message that the kit delivers.',
  sentMessage:
    'A message that has left the node. A field that is not required may be left out: it is then not compared.',
  sentEntry: 'An entry of the log, in a message that has left the node.',
  state: 'What the kit looks at after each request.',
  capabilities: 'What the implementation has; those left out are false.',
  timer: 'A timer of the node.',
  configuration: 'The members, as a snapshot carries them.',
  memberChange: 'A change of the members, as docs/paths.md describes it.',
  nodeId: 'The id of a node.',
  count: 'A term, an index (0: none) or another count.',
};

const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: `urn:raftchart:conformance-protocol:${adapterProtocolVersion}`,
  title: `The protocol of raftchart conformance, version ${adapterProtocolVersion}`,
  description:
    'One line between the kit and an adapter, over standard input and output or a TCP connection: a request or an answer. See docs/conformance.md.',
  anyOf: [{ $ref: '#/$defs/request' }, { $ref: '#/$defs/answer' }],
  $defs: Object.fromEntries(
    Object.entries(defs).map(([name, def]) => [
      name,
      { description: descriptions[name as keyof typeof defs], ...def },
    ]),
  ),
};

/** The file as it must be, formatted like any other here. */
export const schemaText = (): string =>
  execFileSync(join(root, 'node_modules/.bin/biome'), ['format', '--stdin-file-path', schemaPath], {
    cwd: root,
    encoding: 'utf8',
    input: JSON.stringify(schema, null, 2),
  });

if (import.meta.main) {
  const file = join(root, schemaPath);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, schemaText());
  } else if (readFileSync(file, 'utf8') !== schemaText()) {
    process.stderr.write(`${schemaPath} is stale: run npm run fix, and read the diff.\n`);
    process.exitCode = 1;
  }
}
