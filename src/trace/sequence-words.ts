import type { Flight, SequenceLog, SequenceMark } from './sequence.ts';
import type { WideEvent } from './sequence-rows.ts';

/** What a mark says: the same words in every format. */
export const markText = (mark: SequenceMark): string => {
  switch (mark.kind) {
    case 'election':
      return `★ ${mark.label}`;
    case 'commit':
      return `✓ ${mark.label}`;
    case 'crash':
    case 'wrong':
      return `✗ ${mark.label}`;
    case 'timer':
      return `after ${mark.label}`;
    case 'restart':
    case 'members':
    case 'state-change':
      return mark.label;
  }
};

/** What goes across all lifelines, a line each. */
export const wideLines = (event: WideEvent): readonly string[] => {
  switch (event.kind) {
    case 'logs':
      return event.logs.map(logText);
    case 'expectation':
      return [`✓ ${event.label}`];
    case 'violation':
      return [`✗ ${event.label}`];
    case 'act':
    case 'note':
    case 'cut':
      return [event.label];
  }
};

/** `node1, down: 1 1] 2`: a bracket behind the last committed entry. */
const logText = ({ label, isUp, terms, commitIndex }: SequenceLog): string => {
  const entries = terms.map((term, at) => (at + 1 === commitIndex ? `${term}]` : `${term}`));
  return `${label}${isUp ? '' : ', down'}: ${entries.length === 0 ? 'empty' : entries.join(' ')}`;
};

export const fateOf = ({ endAt, isLost }: Flight): 'delivered' | 'lost' | 'under way' => {
  if (endAt === null) return 'under way';
  return isLost ? 'lost' : 'delivered';
};
