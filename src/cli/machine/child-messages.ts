import type { TaskName } from './machine-tasks.ts';

/** The one message from the parent to a child. */
export interface ChildRequest {
  /** In every report of this child: what the module itself may send is told apart by it. */
  readonly token: string;
  /** Absolute. */
  readonly path: string;
  /** What messages call the module. */
  readonly label: string;
  readonly name: string | null;
  /** What stands in the module, where that is not what its file holds. */
  readonly text?: string;
  readonly task: TaskName;
  readonly argument: unknown;
}

/** What a child tells its parent; a result or a failure is the last of it. */
export type ChildReport =
  /** The first report, once the import has succeeded or failed: the files, by absolute paths, on which the module depends. */
  | { readonly kind: 'sources'; readonly paths: readonly string[] }
  | { readonly kind: 'loaded' }
  | { readonly kind: 'progress'; readonly progress: unknown }
  | { readonly kind: 'result'; readonly result: unknown }
  /** A fault of the module: one line. */
  | { readonly kind: 'refused'; readonly line: string; readonly hasNoMachine?: boolean }
  /** Our own. */
  | { readonly kind: 'bug'; readonly message: string; readonly stack: string };
