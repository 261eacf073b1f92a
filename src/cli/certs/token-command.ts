import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Argument, Command } from 'commander';
import { rewriteFile } from '../../adapters/storage/rewrite-file.ts';
import { newToken, type Permission, permissions, Tokens } from '../../store/http/access/tokens.ts';
import { UsageError } from '../usage-error.ts';
import { writingTo } from '../writing-to.ts';

interface Flags {
  readonly file: string;
  readonly out?: string;
}

/** Readable by their owner only. */
const secretMode = 0o600;

/** `raftchart token`: a token for a client, and its line in the file that nodes are given. docs/security.md */
export const tokenCommand = (): Command =>
  new Command('token')
    .description(
      'Makes a client token: prints it, and adds its hash to a file for --token-file of the nodes.',
    )
    .addArgument(
      new Argument('<permission>', 'what it allows; each includes those before it').choices(permissions),
    )
    .argument('<name>', 'who it is for: letters, digits and . _ @ -')
    .option('--file <file>', 'the file of hashes, created if missing', 'tokens')
    .option(
      '--out <file>',
      'write the token to this new file, for --token-file of raft-client, instead of printing it',
    )
    .action((permission: Permission, name: string, { file, out }: Flags) => {
      const { token, line } = newToken(permission, name);
      const there = existsSync(file) ? read(file) : '';
      const text = `${there}${there === '' || there.endsWith('\n') ? '' : '\n'}${line}\n`;
      try {
        Tokens.parse(text);
      } catch (error) {
        throw new UsageError(`${file} is not a valid token file: ${(error as Error).message}`);
      }
      if (out !== undefined)
        writingTo(out, () => writeFileSync(out, `${token}\n`, { mode: secretMode, flag: 'wx' }));
      // Replaced as a whole: a node that reads it meanwhile sees the old file or the new one.
      writingTo(file, () =>
        rewriteFile(
          file,
          (descriptor) => writeFileSync(descriptor, text),
          existsSync(file) ? undefined : secretMode,
        ),
      );
      if (out === undefined) process.stdout.write(`${token}\n`);
    });

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
};
