import type { MachineTask } from './machine-task.ts';

/** Everything that the process which loads other people's modules can be asked for. A process has one task, and loads no other. */
export const machineTasks = {
  read: async () => (await import('./read-task.ts')).readTask,
  paths: async () => (await import('../model-test/paths-task.ts')).pathsTask,
  pagePaths: async () => (await import('../model-test/page-paths-task.ts')).pagePathsTask,
  coverage: async () => (await import('../model-test/coverage-task.ts')).coverageTask,
  test: async () => (await import('../model-test/test-task.ts')).testTask,
} satisfies Readonly<Record<string, () => Promise<MachineTask>>>;

export type TaskName = keyof typeof machineTasks;
type Task<Name extends TaskName> = Awaited<ReturnType<(typeof machineTasks)[Name]>>;
export type TaskArgument<Name extends TaskName> = Parameters<Task<Name>>[1];
export type TaskResult<Name extends TaskName> = Awaited<ReturnType<Task<Name>>>;
