import type { AnyStateMachine } from 'xstate';
import { machinePagePaths } from '../../page/data/machine-page-paths.ts';
import type { TaskTools } from '../machine/machine-task.ts';
import { asUsage, type NamedModule } from './model-module.ts';
import { search } from './paths-task.ts';

export interface PagePathsRequest {
  /** What events carry. */
  readonly events: NamedModule | null;
  /** What prints the same paths. */
  readonly command: string;
}

/** Task `pagePaths`: generates paths for the page, as its file. */
export const pagePathsTask = (
  machine: AnyStateMachine,
  { events, command }: PagePathsRequest,
  { report }: TaskTools,
): Promise<string> =>
  asUsage(async () => {
    const request = { events, model: null, cover: 'transitions', kind: 'shortest' } as const;
    return JSON.stringify(machinePagePaths(await search(machine, request, report), command));
  });
