import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commandsDocument } from './commands-document.ts';
import { diagramFiles, type GeneratedFile } from './diagram-files.ts';
import { houseFiles } from './house-files.ts';
import { protocolFile } from './protocol-file.ts';
import { packageRoot } from './sources.ts';
import { storiesDocument } from './stories-document.ts';
import { storyFiles } from './story-files.ts';

/** Files that differ from what the charts and the code say, are missing, or belong to no chart any more. */
export const staleFiles = (root: string, files: readonly GeneratedFile[]): readonly string[] => [
  ...files
    .filter(({ path, content }) => {
      const full = join(root, path);
      return !existsSync(full) || readFileSync(full, 'utf8') !== content;
    })
    .map(({ path }) => path),
  ...leftOver(root, files),
];

/** Everything that is generated, in memory. */
export const generate = async (root: string): Promise<readonly GeneratedFile[]> => [
  ...(await diagramFiles(root)),
  ...(await storyFiles()),
  await protocolFile(root),
  ...houseFiles(root),
  storiesDocument(root),
  commandsDocument(),
];

const leftOver = (root: string, files: readonly GeneratedFile[]): readonly string[] => {
  const folder = join(root, 'diagrams');
  if (!existsSync(folder)) return [];
  const known = new Set(files.map(({ path }) => path));
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath.slice(root.length + 1)}/${entry.name}`)
    .filter((path) => !known.has(path));
};

const write = (root: string, files: readonly GeneratedFile[]): void => {
  for (const path of leftOver(root, files)) rmSync(join(root, path));
  for (const { path, content } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
};

if (import.meta.main) {
  const root = packageRoot();
  const files = await generate(root);
  const stale = staleFiles(root, files);
  if (!process.argv.includes('--check')) {
    write(root, files);
    process.stdout.write(`${files.length} files, ${stale.length} of them new or changed\n`);
  } else if (stale.length > 0) {
    for (const path of stale) process.stderr.write(`${path} is stale\n`);
    process.stderr.write(
      'The charts, their rules, the rooms or the commands have changed: run npm run fix, and read the diff.\n',
    );
    process.exitCode = 1;
  }
}
