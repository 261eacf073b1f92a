import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFolder } from '../../../src/cli/play/write-folder.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import { pageFile } from '../../../src/cli/view/page-files.ts';
import { type PageServer, servePage } from '../../../src/cli/view/serve-page.ts';
import { calmPlan } from '../../../src/simulate/plan.ts';
import { raftchart } from '../run-raftchart.ts';

const files = new Map([
  ['/', pageFile('/index.html', Buffer.from('<!doctype html>'))],
  ['/assets/a.js', pageFile('/assets/a.js', Buffer.from('start()'))],
]);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftchart-play-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a page that is written into a folder', () => {
  it('is there in full, and takes the place of an earlier one', () => {
    const out = join(folder, 'a/b');
    writeFolder(out, new Map([...files, ['/assets/old.js', files.get('/assets/a.js')!]]));
    writeFolder(out, files);
    expect(readFileSync(join(out, 'index.html'), 'utf8')).toBe('<!doctype html>');
    expect(readFileSync(join(out, 'assets/a.js'), 'utf8')).toBe('start()');
    expect(existsSync(join(out, 'assets/old.js'))).toBe(false);
  });

  it('leaves a folder alone that holds anything else', () => {
    writeFileSync(join(folder, 'thesis.tex'), 'important');
    expect(() => writeFolder(folder, files)).toThrow(
      `${folder} holds thesis.tex, which is no part of the page: name a folder of its own`,
    );
    expect(existsSync(join(folder, 'index.html'))).toBe(false);
  });

  it('says in one line why it cannot be written', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => writeFolder(file, files)).toThrow(UsageError);
    expect(() => writeFolder(file, files)).toThrow(`cannot write the page into ${file}: EEXIST`);
  });
});

describe('the server of the playground', () => {
  let server: PageServer | null = null;
  afterEach(async () => {
    await server?.close();
    server = null;
  });

  it('lets the page start workers of its own, and only it', async () => {
    server = await servePage(0, { files, startsWorkers: true });
    const policyOf = async (url: string) => (await fetch(url)).headers.get('content-security-policy');
    expect(await policyOf(server.url)).toContain('worker-src blob:');
    await server.close();
    server = await servePage(0, { files });
    expect(await policyOf(server.url)).not.toContain('blob:');
  });

  it('answers whoever asks where a host is given', async () => {
    server = await servePage(0, { files, host: '127.0.0.1' });
    const { port } = new URL(server.url);
    expect((await fetch(`http://127.0.0.1:${port}/assets/a.js`)).status).toBe(200);
  });

  it('says in one line where it cannot listen', async () => {
    await expect(servePage(0, { files, host: '192.0.2.1' })).rejects.toThrow(
      'cannot serve the page on 192.0.2.1:0: EADDRNOTAVAIL',
    );
  });
});

describe('raftchart play', () => {
  it.each([
    [['--port', '70000'], 'expected a port, 0 to 65535.'],
    [['--host', 'a b'], 'expected an address of this machine, such as 0.0.0.0.'],
    [['--broken', 'double-vote'], '--broken needs a plan.json or trace.ndjson to open'],
    [['--broken', 'everything'], "argument 'everything' is invalid"],
    [['/nowhere/story.txt'], '/nowhere/story.txt: there is no such file: check its name'],
  ])('refuses %j in one line', async (args, why) => {
    const { code, stdout, stderr } = await raftchart('play', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(why);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('refuses a plan that violates nothing, and a rule that a story should name itself', async () => {
    const plan = join(folder, 'plan.json');
    writeFileSync(plan, JSON.stringify({ ...calmPlan, durationMs: 100 }));
    const refused = await raftchart('play', plan);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`${plan}: the plan violates nothing here: choose the rule`);
    const story = join(folder, 'story.txt');
    writeFileSync(story, 'start\n');
    const { code, stderr } = await raftchart('play', story, '--broken', 'double-vote');
    expect(code).toBe(2);
    expect(stderr).toContain(
      `--broken is for a plan.json or trace.ndjson: write broken: double-vote at the top of ${story}`,
    );
  });

  it('refuses a story that is none, with its place', async () => {
    const story = join(folder, 'story.txt');
    writeFileSync(story, 'nodes: 0\n\nstart\n');
    const { code, stderr } = await raftchart('play', story);
    expect(code).toBe(2);
    expect(stderr).toContain(`${story}:1: the number of nodes is 1 to 15, not 0`);
  });
});
