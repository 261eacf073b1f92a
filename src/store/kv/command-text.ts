import { decodeCommand } from './commands.ts';

/** What a command of the key-value store does, for people: `x=1`, `get x`. */
export const commandText = (payload: Uint8Array): string => {
  const command = decodeCommand(payload);
  switch (command?.type) {
    case 'put':
      return `${command.key}=${new TextDecoder().decode(command.value)}`;
    case undefined:
      return 'malformed';
    case 'stamped':
      return command.request.type;
    default:
      return `${command!.type} ${command!.key}`;
  }
};
