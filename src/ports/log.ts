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

/** `log` with `fields` in every line. */
export const withFields = (log: Log, fields: Readonly<Record<string, unknown>>): Log => ({
  debug: (more, message) => log.debug({ ...fields, ...more }, message),
  info: (more, message) => log.info({ ...fields, ...more }, message),
  warn: (more, message) => log.warn({ ...fields, ...more }, message),
  error: (more, message) => log.error({ ...fields, ...more }, message),
});
