import { pathToFileURL } from 'node:url';
import { PackageMissing } from '../../statechart/missing-package.ts';
import { NotWritable } from '../../statechart/model-test/js-literal.ts';
import type { ModelTestOptions } from '../../statechart/model-test/model-test-options.ts';
import { ModelTestUnfit } from '../../statechart/model-test/model-test-options.ts';
import { NoStart } from '../../statechart/paths/explore-machine.ts';
import { ChartTooLarge } from '../../statechart/paths/machine-universe.ts';
import { SamplesUnfit } from '../../statechart/paths/samples.ts';
import { loadFailure } from '../machine/load-failure.ts';
import { placeOfSyntaxError } from '../machine/module-hooks.ts';
import { findTypeScript } from '../machine/typescript-compiler.ts';
import { UsageError } from '../usage-error.ts';

/** A module of the user's, and what messages call it. */
export interface NamedModule {
  /** Absolute. */
  readonly path: string;
  readonly label: string;
}

type Exports = Readonly<Record<string, unknown>>;

/** Loads what a module says of the events of a machine: its default export, or what it exports by the same names. To be called in the child. Rejects with `UsageError`. */
export const loadModelModule = async ({ path, label }: NamedModule): Promise<ModelTestOptions<unknown>> => {
  const exports = await load(path, label);
  const [found] = [exports.default, exports.model, exports].filter(hasEvents);
  if (found === undefined) {
    throw new UsageError(
      `${label} exports no events: export const events = { TYPE: [{ … }] }, or a default export with events`,
    );
  }
  return found;
};

const hasEvents = (value: unknown): value is ModelTestOptions<unknown> => {
  if (typeof value !== 'object' || value === null || !('events' in value)) return false;
  return typeof value.events === 'object' && value.events !== null;
};

const load = async (path: string, label: string): Promise<Exports> => {
  try {
    return (await import(pathToFileURL(path).href)) as Exports;
  } catch (error) {
    const place = { typeScript: () => findTypeScript(path), placeOfSyntaxError };
    throw new UsageError(`cannot load ${label}: ${loadFailure(error, place)}`);
  }
};

const foreseen = [NoStart, ChartTooLarge, SamplesUnfit, ModelTestUnfit, NotWritable, PackageMissing];

/** What does not fit a machine is a person's mistake. */
export const asUsage = async <Result>(run: () => Promise<Result>): Promise<Result> => {
  try {
    return await run();
  } catch (error) {
    if (foreseen.some((kind) => error instanceof kind)) throw new UsageError((error as Error).message);
    throw error;
  }
};
