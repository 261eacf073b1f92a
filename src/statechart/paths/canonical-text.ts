import { valueText } from '../read/value-text.ts';
import { isActorRef } from '../read/xstate-internals.ts';

/** A text by which values of two runs of a machine are compared: a function counts by its name alone, an actor by its id. */
export const canonicalText = (value: unknown): string => valueText(value, ownText);

/** An id that XState gave an actor counts up, whatever the machine does. */
export const actorName = (id: string): string => (/^x:\d+$/.test(id) ? 'without an id' : id);

const ownText = (part: unknown): string | null => {
  switch (typeof part) {
    case 'string':
      return JSON.stringify(actorName(part));
    case 'function':
      return `<function ${part.name}>`;
    case 'object':
      return part !== null && isActorRef(part) ? `<actor ${actorName(part.id)}>` : null;
    default:
      return null;
  }
};
