import type { Path } from '../verify/paths/path.ts';
import type { Exchange } from './conversation.ts';
import type { Danger } from './danger.ts';
import type { Difference } from './difference.ts';
import type { AdapterRequest } from './protocol.ts';
import type { Subject } from './subject.ts';

/** One way in which an implementation fails at one subject. */
export interface Finding {
  readonly subject: Subject;
  /** What kinds of differences there are, what they break, and whether a restart had lost something before: tells findings apart. */
  readonly signature: string;
  /** What it breaks. */
  readonly breaks: Danger;
  readonly differences: readonly Difference[];
  /** The path found in which the worst comes of it, else the one that fails earliest; shortened, its id is its own. Its last step fails, or that before `later`. */
  readonly path: Path;
  /** Id of the generated path that it is a part of. */
  readonly from: string;
  /** All that the adapter is told in it. */
  readonly requests: readonly AdapterRequest[];
  /** How many of them come before the differences show. */
  readonly failsAfter: number;
  /** The same, with what it did when it was told so. */
  readonly exchanges: readonly Exchange[];
  /** Something worse that the path comes to at its end; null: nothing worse. */
  readonly later: LaterFailure | null;
  /** How many paths fail so. */
  readonly paths: number;
  /** What a restart on the way lost. */
  readonly lost: readonly Difference[];
  /** In how many walks of the path it was seen, if not in all; null: in all. */
  readonly flaky: Share | null;
  /** Why it is expected; null: it is not. */
  readonly expected: string | null;
}

/** In how many walks of a path something failed. */
export interface Share {
  readonly failed: number;
  readonly of: number;
}

export interface LaterFailure {
  readonly subject: Subject;
  readonly breaks: Danger;
  readonly differences: readonly Difference[];
}
