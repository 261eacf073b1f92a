import { createHash } from 'node:crypto';
import type { Path } from '../verify/paths/path.ts';
import type { Adapter } from './adapter.ts';
import { CountedHangs } from './counted-hangs.ts';
import { dangerRank } from './danger.ts';
import type { Finding } from './finding.ts';
import type { Capabilities } from './protocol.ts';
import { type Failure, failuresOf } from './report.ts';
import type { PathResult } from './run-path.ts';
import { type FailingPath, shrink } from './shrink.ts';
import { isFlaky, shareOf, type WalkedPath } from './walked-paths.ts';

/** How many paths are tried in which something worse comes of a failure. Each is shortened, to see whether the failure belongs to it. */
const maxWorse = 3;

/** A failure in one walk of a path. */
interface Candidate {
  readonly walked: WalkedPath;
  readonly walk: PathResult;
  readonly failure: Failure;
  /** The worst that comes after it in the same walk; null: nothing worse. */
  readonly later: Failure | null;
}

/** A failure in the path that is shown for it. */
interface Shown extends FailingPath {
  /** Something worse that it comes to at its end; null: nothing worse. */
  readonly later: Failure | null;
}

/** One finding for all failures of a kind, in one of its paths, shortened: one that leads to something worse, if there is one. */
export const findingsOf = async (
  adapter: Adapter,
  walked: readonly WalkedPath[],
  has: Capabilities,
): Promise<readonly Finding[]> => {
  const shortener = new Shortener(adapter, has, walked);
  const kinds = Map.groupBy(walked.flatMap(candidatesOf), ({ failure }) => failure.signature);
  const findings: Finding[] = [];
  for (const [signature, alike] of kinds) {
    const candidates = alike.toSorted((a, b) => a.failure.at - b.failure.at);
    const { chosen, shown } = await shortener.show(candidates);
    const { path, failure, later } = shown;
    const exchanges = shown.walk.exchanges.slice(0, (later ?? failure).asked);
    const share = shareOf(chosen.walked, signature);
    findings.push({
      subject: failure.subject,
      signature,
      breaks: failure.breaks,
      differences: failure.differences,
      path: { ...path, id: idOf(path, chosen.walked.path) },
      from: chosen.walked.path.id,
      requests: exchanges.map(({ request }) => request),
      failsAfter: failure.asked,
      exchanges,
      later: later && {
        subject: later.subject,
        breaks: later.breaks,
        differences: later.differences,
      },
      paths: new Set(alike.map(({ walk }) => walk.path.id)).size,
      lost: failure.lost,
      flaky: isFlaky(share) ? share : null,
      expected: null,
    });
  }
  return findings;
};

/** Of each kind of failure, the first of a walk. */
const candidatesOf = (walked: WalkedPath): readonly Candidate[] =>
  walked.walks.flatMap((walk) => {
    const failures = failuresOf(walk);
    const firsts = [...Map.groupBy(failures, ({ signature }) => signature).values()];
    return firsts.map(([first]): Candidate => {
      const failure = first!;
      const worse = failures.filter(
        ({ at, breaks }) => at > failure.at && dangerRank(breaks) < dangerRank(failure.breaks),
      );
      const later = worse.toSorted((a, b) => dangerRank(a.breaks) - dangerRank(b.breaks))[0] ?? null;
      return { walked, walk, failure, later };
    });
  });

/** Shortens failing paths, as long as the adapter does not hang too often. */
class Shortener {
  readonly #adapter: CountedHangs;
  readonly #has: Capabilities;
  readonly #worse = new Map<string, Shown>();
  /** What fails in each walk, in order. */
  readonly #signatures: readonly (readonly string[])[];

  constructor(adapter: Adapter, has: Capabilities, walked: readonly WalkedPath[]) {
    this.#adapter = new CountedHangs(adapter);
    this.#has = has;
    this.#signatures = walked.flatMap(({ walks }) =>
      walks.map((walk) => failuresOf(walk).map(({ signature }) => signature)),
    );
  }

  /** The path to show for failures of one kind, the earliest of which comes first, and which of them it is a part of. */
  async show(
    candidates: readonly Candidate[],
  ): Promise<{ readonly chosen: Candidate; readonly shown: Shown }> {
    const [first] = candidates as readonly [Candidate];
    const leading = candidates
      .filter(
        ({ failure, later }) => later !== null && this.#comesOnlyAfter(later.signature, failure.signature),
      )
      .toSorted(
        (a, b) => dangerRank(a.later!.breaks) - dangerRank(b.later!.breaks) || a.later!.at - b.later!.at,
      );
    for (const chosen of leading.slice(0, maxWorse)) {
      const worse = await this.#worseOf(chosen, chosen.later!);
      // If the shortest path to it goes without this failure, the two have nothing to do with each other.
      const cause = failuresOf(worse.walk).find(
        ({ signature, at }) => signature === chosen.failure.signature && at < worse.failure.at,
      );
      if (cause !== undefined) return { chosen, shown: { ...worse, failure: cause, later: worse.failure } };
    }
    return { chosen: first, shown: await this.#shorten(first, first.failure) };
  }

  /** Whether no path fails in the `later` way without having failed in the other. */
  #comesOnlyAfter(later: string, signature: string): boolean {
    return this.#signatures.every((all) => {
      const at = all.indexOf(later);
      return at < 0 || all.slice(0, at).includes(signature);
    });
  }

  /** Several kinds of failures may lead to the same. */
  async #worseOf(candidate: Candidate, later: Failure): Promise<Shown> {
    const key = `${candidate.walked.path.id} ${later.at} ${later.signature}`;
    const known = this.#worse.get(key);
    if (known !== undefined) return known;
    const shown = await this.#shorten(candidate, later);
    this.#worse.set(key, shown);
    return shown;
  }

  async #shorten({ walked, walk }: Candidate, failure: Failure): Promise<Shown> {
    const share = shareOf(walked, failure.signature);
    // Each try that hangs as well would cost a timeout.
    const isHang = failure.differences.some(({ kind }) => kind === 'hang');
    const shortest = await shrink(this.#adapter, { path: walked.path, failure, walk }, this.#has, {
      isOver: () => isHang || this.#adapter.hasHungTooOften,
      tries: isFlaky(share) ? share.of : 1,
    });
    return { ...shortest, later: null };
  }
}

/** A part of a path has an id of its own. */
const idOf = (path: Path, whole: Path): string => {
  if (path.steps.length === whole.steps.length) return whole.id;
  const digest = createHash('sha256')
    .update(JSON.stringify(path.steps.map(({ event }) => event)))
    .digest('hex');
  return `${whole.id}.${digest.slice(0, 4)}`;
};
