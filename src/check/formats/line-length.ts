import { UnreadableHistory } from '../operation.ts';

/** More characters than any line of a trace or a history has, by far; to read and parse more would fill the memory. */
const mostChars = 64 * 1024 * 1024;

/** Why a line of a trace or a history is not read; null: it is. */
export const lengthProblem = (text: string): string | null =>
  text.length <= mostChars ? null : `longer than ${mostChars} characters, the most that a line may have`;

/** Throws `UnreadableHistory`. */
export const checkLength = (text: string, line: number): void => {
  const problem = lengthProblem(text);
  if (problem !== null) throw new UnreadableHistory(line, problem);
};
