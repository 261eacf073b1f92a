import { messageTable } from '../../../raft/message-table.ts';
import type { Message, MessageType } from '../../../raft/messages.ts';
import { StoryUnusable } from '../story-unusable.ts';
import { numberIn, type Words } from './words.ts';

/** `term=5 voteGranted=true`: what a message says instead. The result throws `StoryUnusable` for one that has no such field. */
export const lieIn = (words: Words): ((message: Message) => Message) => {
  const changes: [field: string, value: string][] = [];
  do {
    const [field = '', value = ''] = words.take('what it says instead, such as term=5,').split('=', 2);
    changes.push([field, value]);
  } while (!words.isAtEnd);
  return (message) => {
    const values = changes.map(([field, value]) => [field, valueIn(message.type, field, value)]);
    // Each value is of the kind that the table has for its field.
    return { ...message, ...(Object.fromEntries(values) as Partial<Message>) } as Message;
  };
};

const valueIn = (type: MessageType, field: string, value: string): number | boolean => {
  const fields = plainFieldsOf(type);
  const kind = fields.get(field);
  if (kind === undefined)
    throw new StoryUnusable(`${type} may lie about ${[...fields.keys()].join(', ')}, not "${field}"`);
  if (kind !== 'boolean') return numberIn(value, `a value of ${field}`);
  if (value === 'true' || value === 'false') return value === 'true';
  throw new StoryUnusable(`${field} is true or false, not "${value}"`);
};

/** Those that a word can say. */
const plainFieldsOf = (type: MessageType): ReadonlyMap<string, string> =>
  new Map([
    ['term', 'term'],
    ...Object.entries<string>(messageTable[type].fields).filter(
      ([, kind]) => !['entries', 'bytes', 'configuration'].includes(kind),
    ),
  ]);
