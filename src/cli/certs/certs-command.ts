import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { makeDirectory } from '../../adapters/storage/make-directory.ts';
import { rewriteFile } from '../../adapters/storage/rewrite-file.ts';
import { identityUri } from '../../adapters/tls/node-identity.ts';
import type { NodeId } from '../../raft/types.ts';
import { optionalPackage } from '../../statechart/missing-package.ts';
import { parsedBy } from '../parsed-by.ts';
import { UsageError } from '../usage-error.ts';
import { writingTo } from '../writing-to.ts';
import type { KeyPair } from './make-certificates.ts';

interface Flags {
  readonly out: string;
  readonly clusterId: string;
  readonly nodes?: readonly NodeId[];
  readonly hosts: readonly string[];
  readonly client: readonly string[];
  readonly days: number;
  readonly force: boolean;
}

const defaultHosts: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/** `raftchart certs`: an authority, and a certificate for each node and client, for a try. docs/security.md */
export const certsCommand = (): Command =>
  new Command('certs')
    .description('Makes an authority and certificates for the nodes and clients of a cluster, for a try.')
    .option('--out <dir>', 'where the files go; an authority that is there is used', 'certs')
    .option('--cluster-id <name>', 'the cluster of the nodes', 'raftchart')
    .option('--nodes <ids>', 'the nodes (default: 1,2,3, or none with --client)', parsedBy(parseNodes))
    .option(
      '--hosts <names>',
      'host names and addresses of all nodes (default: localhost,127.0.0.1,::1)',
      parsedBy(parseNames),
      defaultHosts,
    )
    .option('--client <names>', 'certificates of clients with these names', parsedBy(parseNames), [])
    .option('--days <n>', 'how long they are valid', parsedBy(parseDays), 365)
    .option('--force', 'replace certificates that are there, never the authority', false)
    .action(async (flags: Flags) => {
      await makeFiles(flags);
    });

const makeFiles = async ({ out, clusterId, hosts, client, days, force, ...flags }: Flags): Promise<void> => {
  const nodes = flags.nodes ?? (client.length > 0 ? [] : [1, 2, 3]);
  const { makeAuthority, makeCertificate } = await optionalPackage(
    '@peculiar/x509',
    'raftchart certs',
    () => import('./make-certificates.ts'),
  );
  attempt(`cannot make ${out}`, () => makeDirectory(out));
  const pathOf = (name: string, kind: 'crt' | 'key') => join(out, `${name}.${kind}`);
  const wanted = [
    ...nodes.map((id) => ({ name: `node${id}`, uri: identityUri({ clusterId, node: id }), hosts, days })),
    ...client.map((name) => ({ name: `client-${name}`, uri: null, hosts: [], days })),
  ];
  const there = wanted.find(({ name }) => existsSync(pathOf(name, 'crt')) || existsSync(pathOf(name, 'key')));
  if (there !== undefined && !force) {
    throw new UsageError(
      `${pathOf(there.name, 'crt')} is there already: name other --nodes, another --out, or replace it with --force`,
    );
  }
  const written: string[] = [];
  const write = (name: string, { cert, key }: KeyPair): void => {
    put(pathOf(name, 'key'), key, 0o600);
    put(pathOf(name, 'crt'), cert, 0o644);
    written.push(`${pathOf(name, 'crt')}  ${pathOf(name, 'key')}\n`);
  };
  try {
    let authority: KeyPair;
    if (existsSync(pathOf('ca', 'crt')) || existsSync(pathOf('ca', 'key'))) {
      authority = attempt('the authority cannot be read', () => ({
        cert: readFileSync(pathOf('ca', 'crt'), 'utf8'),
        key: readFileSync(pathOf('ca', 'key'), 'utf8'),
      }));
    } else {
      authority = await makeAuthority(`authority of ${clusterId}`);
      write('ca', authority);
    }
    for (const each of wanted) {
      const made = await makeCertificate(authority, each).catch((error: Error) => {
        throw new UsageError(
          `${pathOf('ca', 'crt')} and ${pathOf('ca', 'key')} are not an authority made by raftchart certs: ${error.message.split('\n')[0]}`,
        );
      });
      write(each.name, made);
    }
  } finally {
    // Not before: a reader that leaves ends this process.
    process.stdout.write(written.join(''));
  }
};

const put = (path: string, text: string, mode: number): void =>
  writingTo(path, () => rewriteFile(path, (descriptor) => writeFileSync(descriptor, text), mode));

const attempt = <Value>(failed: string, act: () => Value): Value => {
  try {
    return act();
  } catch (error) {
    throw new UsageError(`${failed}: ${(error as Error).message}`);
  }
};

function parseNodes(text: string): readonly NodeId[] {
  const ids = text.split(',').map(Number);
  if (!ids.every((id) => Number.isSafeInteger(id) && id > 0) || new Set(ids).size < ids.length)
    throw new InvalidArgumentError(`expected ids such as 1,2,3, got ${JSON.stringify(text)}`);
  return ids;
}

function parseNames(text: string): readonly string[] {
  const names = text.split(',');
  if (!names.every((name) => /^[A-Za-z0-9_.:*-]{1,253}$/.test(name)))
    throw new InvalidArgumentError(`expected names such as a.example,127.0.0.1, got ${JSON.stringify(text)}`);
  return names;
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!Number.isSafeInteger(days) || days < 1 || days > 3650)
    throw new InvalidArgumentError(`expected 1 to 3650 days, got ${JSON.stringify(text)}`);
  return days;
}
