import { InvalidArgumentError } from 'commander';

/** Hands a parser's one-line error to commander, which adds the flag's name. */
export const parsedBy =
  <Value>(parse: (text: string) => Value) =>
  (text: string): Value => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  };
