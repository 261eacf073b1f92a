import { appendFileSync, chmodSync, existsSync, readFileSync } from 'node:fs';
import { Argument, Command } from 'commander';
import { newToken, type Permission, permissions, Tokens } from '../../store/http/access/tokens.ts';
import { UsageError } from '../usage-error.ts';

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
    .option('--file <file>', 'the file of tokens, made if it is not there', 'tokens')
    .action((permission: Permission, name: string, { file }: { readonly file: string }) => {
      const { token, line } = newToken(permission, name);
      const there = existsSync(file) ? read(file) : '';
      const text = there === '' || there.endsWith('\n') ? `${line}\n` : `\n${line}\n`;
      try {
        Tokens.parse(`${there}${text}`);
      } catch (error) {
        throw new UsageError(`${file} would be no file of tokens: ${(error as Error).message}`);
      }
      try {
        appendFileSync(file, text, { mode: 0o600 });
        chmodSync(file, 0o600);
      } catch (error) {
        throw new UsageError(`cannot write ${file}: ${(error as Error).message}`);
      }
      process.stdout.write(`${token}\n`);
    });

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
};
