import { Argument, Command } from 'commander';
import { bashCompletion } from './bash.ts';
import { type Completable, completables } from './completable.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

const shells: Readonly<Record<string, (commands: readonly Completable[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/**
 * `raftchart completion SHELL`: a script that completes `programs`. It lists the commands and flags as they are now, so pressing Tab
 * starts none of the programs.
 */
export const completionCommand = (programs: () => readonly Command[]): Command =>
  new Command('completion')
    .description(
      'Prints a shell script that completes the commands and flags of raftchart, raft-node and raft-client.',
    )
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(Object.keys(shells)))
    .addHelpText(
      'after',
      `
To use it:
  bash  echo 'source <(raftchart completion bash)' >> ~/.bashrc
  zsh   echo 'source <(raftchart completion zsh)' >> ~/.zshrc
  fish  echo 'raftchart completion fish | source' >> ~/.config/fish/config.fish`,
    )
    .action((shell: string) => {
      process.stdout.write(shells[shell]!(programs().flatMap((each) => completables(each))));
    });
