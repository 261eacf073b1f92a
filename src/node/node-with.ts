import type { RaftNode } from './node.ts';

/** `node` with other ways to submit and to read. */
export const nodeWith = <Result>(
  node: RaftNode<Result>,
  { submit, read }: Pick<RaftNode<Result>, 'submit' | 'read'>,
): RaftNode<Result> => ({
  ...node,
  submit,
  propose: (command) => new Promise((resolve) => submit(command, resolve)),
  read,
  readable: () => new Promise((resolve) => read(resolve)),
});
