import type { KeyEvent, KeyValue, Revision } from '../kv/revisioned-store.ts';
import { keyBytes } from './translate-key.ts';
import type { WireEvent, WireKeyValue } from './wire-types.ts';

export const wirePair = (pair: KeyValue): WireKeyValue => ({
  key: keyBytes(pair.key),
  create_revision: pair.createRevision,
  mod_revision: pair.modRevision,
  version: pair.version,
  value: pair.value,
  lease: String(pair.lease),
});

/** A key that was deleted has nothing but the revision at which it was. */
export const wireEvent = (
  { key, now, before }: KeyEvent,
  revision: Revision,
  withPrevious: boolean,
): WireEvent => ({
  type: now === null ? 'DELETE' : 'PUT',
  kv: now === null ? { key: keyBytes(key), mod_revision: revision } : wirePair(now),
  ...(withPrevious && before !== null ? { prev_kv: wirePair(before) } : {}),
});

/** About how many bytes it takes on the wire. */
export const eventBytes = ({ key, now, before }: KeyEvent, withPrevious: boolean): number =>
  64 + key.length + (now?.value.length ?? 0) + (withPrevious ? key.length + (before?.value.length ?? 0) : 0);
