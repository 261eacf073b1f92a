/** Writes docs/openapi.json, the description of version 2 of the client API; `npm run fix` does. With `--check` it only says whether the file is stale. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openApiDocument } from './openapi/document.ts';

const root = resolve(import.meta.dirname, '..');
const path = 'docs/openapi.json';

const text = execFileSync(join(root, 'node_modules/.bin/biome'), ['format', '--stdin-file-path', path], {
  cwd: root,
  encoding: 'utf8',
  input: JSON.stringify(openApiDocument(), null, 2),
});

const file = join(root, path);
if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write(`${path} is stale: run npm run fix, and read the diff.\n`);
  process.exitCode = 1;
}
