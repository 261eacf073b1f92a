import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { packageRoot } from '../../src/cli/diagram/sources.ts';

const root = packageRoot();

const run = (script: string, ...args: readonly string[]) =>
  spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, encoding: 'utf8' });

export interface BuiltSite {
  readonly folder: string;
  remove(): void;
}

/** The site as `npm run site` builds it from what the sources say now, in a folder of its own. */
export const buildSite = (base: string): BuiltSite => {
  const folder = mkdtempSync(join(tmpdir(), 'raftchart-site-test-'));
  const [site, own] = [join(folder, 'site'), join(folder, 'dist')];
  const isFresh = run('tools/build.ts', '--check').status === 0;
  const builds = [
    ...(isFresh ? [] : [['tools/build.ts', '--out', own] as const]),
    ['tools/site/build.ts', '--out', site, '--base', base, ...(isFresh ? [] : ['--dist', own])] as const,
  ];
  for (const [script, ...args] of builds) {
    const { status, stdout, stderr } = run(script, ...args);
    if (status !== 0) throw new Error(`${script} ended with ${status}:\n${stdout}${stderr}`);
  }
  return { folder: site, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

/** Paths of all files below `folder`, from there. */
export const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

export interface SiteServer {
  /** Where the site is, its base included. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves files as they are, as any web server does, with the site in the folder `base` of it. */
export const serveSite = async (folder: string, base: string): Promise<SiteServer> => {
  const server = createServer(({ url = '' }, response) => {
    const path = decodeURIComponent(url.replace(/[?#].*/, ''));
    const file = join(folder, path.slice(base.length), path.endsWith('/') ? 'index.html' : '');
    if (!path.startsWith(base) || !existsSync(file)) response.writeHead(404).end();
    else
      response
        .writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' })
        .end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
