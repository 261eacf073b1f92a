/** Where the server of `@statelyai/inspect` listens by default. */
export const defaultInspectUrl = 'ws://localhost:8080';

/** The address of an inspector, as a flag gives it. Throws an `Error` of one line, without the flag's name. */
export const parseInspectUrl = (text: string): string => {
  const url = URL.parse(text);
  const isSocket = url !== null && ['ws:', 'wss:'].includes(url.protocol) && url.hash === '';
  if (!isSocket)
    throw new Error(`expected the address of an inspector such as ${defaultInspectUrl}, got "${text}"`);
  return url.href;
};
