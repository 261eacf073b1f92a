import { unfit } from '../formats/recorded-event.ts';
import type { History } from '../history.ts';
import { type Effect, type Operation, UnreadableHistory } from '../operation.ts';
import { type Pair, pairsOf } from '../pairs.ts';
import type { Recording } from '../recording.ts';
import { inputFields, isTuple, keyOf, noValues } from './operation-fields.ts';

/**
 * Mutual exclusion: `acquire` finds a lock free and `release` finds it held. Who holds it is not asked, since a client goes on under another name
 * after an unknown outcome. What failed did nothing. Throws `UnreadableHistory`.
 */
export const lockHistory = ({ events }: Recording): History => ({
  operations: pairsOf(events).map(operationOf),
  eventCount: events.length,
});

const held = 'held';

const operationOf = (pair: Pair): Operation => {
  const { process, outcome, invokedAt, completedAt } = pair;
  const { f, key, value } = inputFields(pair.input, invokedAt);
  if (f !== 'acquire' && f !== 'release') {
    throw new UnreadableHistory(invokedAt, unfit('f', f, 'acquire, release'));
  }
  const name = key ?? (isTuple(value) ? value[0] : 'lock');
  const effect: Effect =
    f === 'acquire' ? { kind: 'swap', from: null, to: held } : { kind: 'swap', from: held, to: null };
  return {
    process,
    f,
    key: keyOf(name, invokedAt),
    ...noValues,
    outcome,
    invokedAt,
    completedAt,
    effects: { open: effect, ended: outcome === 'fail' ? null : effect },
    text: f,
  };
};
