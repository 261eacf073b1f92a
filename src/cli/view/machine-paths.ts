import { type MachineFlags, runMachineTask } from '../machine/machine-flags.ts';
import type { MachineOperand } from '../machine/machine-operand.ts';
import type { TaskArgument } from '../machine/machine-tasks.ts';
import { MadeOnce } from './made-once.ts';
import { pageFile } from './page-files.ts';

/** The paths through a machine of other people, as a file of the page: made in a child process. */
export const machinePaths = (
  operand: MachineOperand,
  request: TaskArgument<'pagePaths'>,
  flags: Pick<MachineFlags, 'loadTimeout' | 'verbose'>,
): MadeOnce =>
  new MadeOnce(async (tell, signal) => {
    const onProgress = (states: unknown) => tell(`${states} states`);
    const text = await runMachineTask(operand, 'pagePaths', request, flags, { onProgress, signal });
    return pageFile('paths.json', Buffer.from(text));
  });
