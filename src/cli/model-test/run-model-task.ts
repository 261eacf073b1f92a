import { machineOperand } from '../machine/chart-operand.ts';
import { type MachineFlags, runMachineTask } from '../machine/machine-flags.ts';
import type { TaskArgument, TaskName, TaskResult } from '../machine/machine-tasks.ts';

/**
 * What `task` makes of the machine that `text` stands for: `FILE`, `FILE#name` or the name of a chart. Says meanwhile on stderr how far
 * it is: one line, rewritten, on a terminal, and else nothing. `counted`: what its progress counts. Rejects with `UsageError`.
 */
export const runModelTask = async <Name extends TaskName>(
  text: string,
  task: Name,
  argument: TaskArgument<Name>,
  flags: MachineFlags,
  counted = 'states',
): Promise<TaskResult<Name>> => {
  const { stderr } = process;
  try {
    return await runMachineTask(machineOperand(text, flags.export), task, argument, flags, {
      onProgress: (progress) => {
        if (stderr.isTTY && typeof progress === 'number') stderr.write(`\r${progress} ${counted}\u001b[K`);
      },
    });
  } finally {
    if (stderr.isTTY) stderr.write('\r\u001b[K');
  }
};
