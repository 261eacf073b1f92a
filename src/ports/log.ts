type LogFunction = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** Structured logging, shaped like a pino logger. */
export interface Log {
  readonly debug: LogFunction;
  readonly info: LogFunction;
  readonly warn: LogFunction;
  readonly error: LogFunction;
}

const nothing: LogFunction = () => {};

export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
