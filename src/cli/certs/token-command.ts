import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Argument, Command } from 'commander';
import { rewriteFile } from '../../adapters/storage/rewrite-file.ts';
import { newToken, type Permission, permissions, Tokens } from '../../store/http/access/tokens.ts';
import { UsageError } from '../usage-error.ts';

interface Flags {
  readonly file: string;
  readonly out?: string;
}

/** Only whoever makes them reads them, and perhaps who is given them. */
const secretMode = 0o600;

/** `raftchart token`: a token for a client, and its line in the file that nodes are given. docs/security.md */
export const tokenCommand = (): Command =>
  new Command('token')
    .description(
      'Makes a token for a client: adds its hash to a file for --token-file of the nodes, and prints it.',
    )
    .addArgument(
      new Argument('<permission>', 'what it allows; each includes those before it').choices(permissions),
    )
    .argument('<name>', 'whose it is: letters, digits and . _ @ -')
    .option('--file <file>', 'the file of hashes, made if it is not there', 'tokens')
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
        throw new UsageError(`${file} would be no file of tokens: ${(error as Error).message}`);
      }
      if (out !== undefined)
        attempt(out, () => writeFileSync(out, `${token}\n`, { mode: secretMode, flag: 'wx' }));
      // As a whole: a node that looks at it meanwhile finds the old one or the new one.
      attempt(file, () =>
        rewriteFile(
          file,
          (descriptor) => writeFileSync(descriptor, text),
          existsSync(file) ? undefined : secretMode,
        ),
      );
      if (out === undefined) process.stdout.write(`${token}\n`);
    });

const attempt = (path: string, write: () => void): void => {
  try {
    write();
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${(error as Error).message}`);
  }
};

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
};
