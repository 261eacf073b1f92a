import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMachine } from 'xstate';
import { FollowedMachine } from '../../../src/cli/view/followed-machine.ts';
import { changesRoute, MachineChanges } from '../../../src/cli/view/machine-changes.ts';
import { MadeOnce } from '../../../src/cli/view/made-once.ts';
import { PageCharts } from '../../../src/cli/view/page-charts.ts';
import { type MadeFile, servePage } from '../../../src/cli/view/serve-page.ts';
import type { LoadedMachine, loadMachine } from '../../../src/cli/view/shown-machines.ts';
import type { PageIndex } from '../../../src/page/data/page-data.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

type Load = typeof loadMachine;

const versionOf = (id: string): LoadedMachine => ({
  data: {
    chart: {
      name: 'lamp',
      title: id,
      path: '',
      chart: walk(createMachine({ id })),
      views: [],
      paths: `paths/${id}`,
    },
    files: [],
  },
  paths: new MadeOnce(() => Promise.reject(new Error('none'))),
  pathsAddress: `paths/${id}`,
});

describe('machine of a file that is followed', () => {
  let folder: string;
  let file: string;
  const watched = new Map<string, (name: string | null) => void>();
  const loads: { options: Parameters<Load>[2]; settle: (outcome: LoadedMachine | Error) => void }[] = [];
  let charts: PageCharts;
  let made: Map<string, MadeFile>;
  let changes: MachineChanges;
  let machine: FollowedMachine;
  const told: string[] = [];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    folder = mkdtempSync(join(tmpdir(), 'raftchart-followed-'));
    file = join(folder, 'lamp.ts');
    watched.clear();
    loads.length = 0;
    told.length = 0;
    charts = new PageCharts(new Map());
    made = new Map();
    changes = new MachineChanges();
    const load: Load = (_, __, options) =>
      new Promise((resolve, reject) => {
        loads.push({
          options,
          settle: (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)),
        });
      });
    machine = new FollowedMachine(
      { text: 'lamp.ts', name: 'lamp', operand: { path: file, name: null, label: 'lamp.ts' } },
      {
        stock: { charts, made },
        flags: { loadTimeout: 1000, verbose: false, events: { path: '/e/events.ts', label: 'events.ts' } },
        changes,
        tell: (line) => told.push(line),
        load,
        watchFolder: (each, changed) => {
          if (each === '/full') throw new Error('ENOSPC');
          watched.set(each, changed);
          return {
            close: () => {
              if (watched.get(each) === changed) watched.delete(each);
            },
          };
        },
      },
    );
  });
  afterEach(() => {
    machine.close();
    vi.useRealTimers();
    rmSync(folder, { recursive: true, force: true });
  });

  const settle = async (outcome: LoadedMachine | Error, sources: readonly string[] = []): Promise<void> => {
    const { options, settle } = loads.at(-1)!;
    options!.onSources!(sources);
    settle(outcome);
    await vi.advanceTimersByTimeAsync(0);
  };
  const start = async (sources: readonly string[] = []): Promise<void> => {
    const started = machine.start();
    await settle(versionOf('one'), sources);
    await started;
  };
  const change = async (where = folder, name = 'lamp.ts'): Promise<void> => {
    watched.get(where)!(name);
    await vi.advanceTimersByTimeAsync(100);
  };
  const title = (): string =>
    (JSON.parse(String(charts.files.get('/data/charts.json')!.plain)) as PageIndex).charts[0]!.title;

  it('is replaced on the page with its paths when the file changes, and that is told', async () => {
    await start();
    expect([title(), changes.now]).toEqual(['one', { revision: 0, problems: [] }]);
    const old = made.get('/paths/one')!;
    const closing = vi.spyOn(old, 'close');
    await change();
    await settle(versionOf('two'));
    expect([title(), [...made.keys()], changes.now]).toEqual([
      'two',
      ['/paths/two'],
      { revision: 1, problems: [] },
    ]);
    expect(closing).toHaveBeenCalled();
  });

  it('is loaded again when a module changes that it imports, or the one of its events', async () => {
    await start(['/r/rules.ts']);
    await change('/r', 'rules.ts');
    expect(loads).toHaveLength(2);
    await settle(versionOf('two'), ['/r/rules.ts']);
    await change('/e', 'events.ts');
    expect(loads).toHaveLength(3);
    await settle(versionOf('three'), ['/n/new.ts']);
    await change('/n', 'new.ts');
    expect(loads).toHaveLength(4);
  });

  it('stays as it was while the file does not load, with why in one line, and is replaced once it does', async () => {
    await start();
    await change();
    await settle(new Error('cannot load lamp.ts:\n  Unexpected token'));
    expect([title(), changes.now]).toEqual([
      'one',
      { revision: 0, problems: ['cannot load lamp.ts: Unexpected token'] },
    ]);
    await change(folder, 'a-module-it-lacks.ts');
    await settle(versionOf('two'));
    expect([title(), changes.now]).toEqual(['two', { revision: 1, problems: [] }]);
    await change(folder, 'a-module-it-lacks.ts');
    expect(loads).toHaveLength(3);
  });

  it('is loaded once more for all that changes while it is loaded', async () => {
    await start();
    await change();
    await change();
    await change();
    expect(loads).toHaveLength(2);
    await settle(versionOf('two'));
    expect([title(), loads.length]).toEqual(['two', 3]);
    await settle(versionOf('three'));
    expect([title(), loads.length]).toEqual(['three', 3]);
  });

  it('is loaded again if the file was written after it was read and before it was watched', async () => {
    const started = machine.start();
    writeFileSync(file, 'late');
    await settle(versionOf('one'));
    await started;
    expect(loads).toHaveLength(2);
  });

  it('is not loaded again for a file whose time is still to come', async () => {
    writeFileSync(file, 'early');
    const tomorrow = new Date(Date.now() + 86_400_000);
    utimesSync(file, tomorrow, tomorrow);
    await start();
    expect(loads).toHaveLength(1);
  });

  it('is followed where it can be, and the rest is said', async () => {
    await start(['/full/rules.ts']);
    expect(told).toEqual(['changes of lamp.ts may go unnoticed: ENOSPC']);
    await change();
    expect(loads).toHaveLength(2);
  });

  it('is followed where one of its imports has too long a name to be looked for', async () => {
    await start();
    await change();
    await settle(versionOf('two'), [join(folder, 'x'.repeat(300))]);
    expect(title()).toBe('two');
    await change();
    expect(loads).toHaveLength(3);
  });

  it('is not replaced once it is closed', async () => {
    await start();
    await change();
    machine.close();
    expect(loads.at(-1)!.options!.signal!.aborted).toBe(true);
    expect([...watched.keys()]).toEqual([]);
    await settle(versionOf('two'));
    expect([title(), changes.now.revision]).toEqual(['one', 0]);
  });

  it('is not followed if it does not load at the start', async () => {
    const started = machine.start();
    const refused = expect(started).rejects.toThrow('there is no file lamp.ts');
    await settle(new Error('there is no file lamp.ts'));
    await refused;
    expect([...watched.keys()]).toEqual([]);
  });
});

describe('changes of machines', () => {
  it('are told to a page at once and after each, with all that holds then', async () => {
    const changes = new MachineChanges();
    changes.replaced('lamp');
    const server = await servePage(0, {
      files: new Map(),
      routes: new Map([['/changes', changesRoute(changes, 'a1')]]),
    });
    const { body } = await fetch(`${server.url}/changes`);
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    const told = async (): Promise<unknown> =>
      JSON.parse((await reader.read()).value!.replace(/^data: /, '').trim());
    expect(await told()).toEqual({ run: 'a1', revision: 1, problems: [] });
    changes.failed('lamp', 'it does not load');
    expect(await told()).toEqual({ run: 'a1', revision: 1, problems: ['it does not load'] });
    changes.replaced('door');
    expect(await told()).toEqual({ run: 'a1', revision: 2, problems: ['it does not load'] });
    changes.replaced('lamp');
    expect(await told()).toEqual({ run: 'a1', revision: 3, problems: [] });
    await server.close();
  });

  it('are none on a page without files, which is not asked again', async () => {
    const server = await servePage(0, { files: new Map() });
    expect((await fetch(`${server.url}/changes`)).status).toBe(204);
    await server.close();
  });
});
