import { effect, signal } from '@preact/signals';
import type { PagePaths } from '../data/page-data.ts';
import { loadJson } from './load.ts';
import { chart, selectedTransition } from './place.ts';

/** By address, the generated tests that were asked for and came, or did not. */
const loaded = signal<ReadonlyMap<string, PagePaths | 'failed'>>(new Map());

/** The generated tests at an address; until they are there, `generating`. */
export const pathsAt = (address: string): PagePaths | 'failed' | 'generating' =>
  loaded.value.get(address) ?? 'generating';

/** Asks for the generated tests of a chart once one of its transitions is selected: the server needs seconds to make them. */
export const followSelection = (): void => {
  effect(() => {
    const address = selectedTransition.value === null ? null : (chart.value?.paths ?? null);
    if (address !== null) void load(address);
  });
};

/** How far the server is with what is being generated, in a line; null where nobody knows. */
export const progress = signal<string | null>(null);

const progressMs = 500;

const load = async (address: string): Promise<void> => {
  if (typeof loaded.peek().get(address) === 'object') return;
  const asking = setInterval(async () => {
    const response = await fetch(`progress/${address}`).catch(() => null);
    progress.value = response?.ok === true ? ((await response.json()) as string | null) : null;
  }, progressMs);
  const paths = await loadJson<PagePaths>(address).catch(() => 'failed' as const);
  clearInterval(asking);
  loaded.value = new Map([...loaded.peek(), [address, paths]]);
};
