/** Why the system does not let a port listen, for people. */
export const listenReasonOf = ({ code, message }: NodeJS.ErrnoException): string =>
  reasons[code ?? ''] ?? message;

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'not allowed to use that port',
  ENOTFOUND: 'the host name is unknown',
};
