import { brokenRules } from '../broken/broken-rules.ts';
import { StoryUnusable } from '../scenario/story-unusable.ts';
import { findCounterexample, type SearchProgress } from './find-counterexample.ts';
import { storyOfFile } from './story-of-file.ts';

/** What whoever shows stories asks of a finder, which may be on another thread. `broken`: the name of a rule; null: none. */
export type FinderRequest =
  /** For a counterexample among random runs. */
  | { readonly type: 'find'; readonly broken: string | null; readonly firstSeed: number }
  /** For the story of a file that is not one itself: a failing plan, or a trace of the explorer. */
  | { readonly type: 'tell'; readonly text: string; readonly broken: string | null };

export type FinderNews =
  | ({ readonly type: 'progress' } & SearchProgress)
  | { readonly type: 'found'; readonly story: string }
  /** `runs` and `events` of the search. */
  | { readonly type: 'nothing'; readonly runs: number; readonly events: number }
  /** One line. */
  | { readonly type: 'refused'; readonly why: string };

/** The last news is not of progress. */
export const answerFinder = async (
  { broken: name, ...request }: FinderRequest,
  tell: (news: FinderNews) => void,
): Promise<void> => {
  const broken = brokenRules.find((rule) => rule.name === name) ?? null;
  if (request.type === 'find') {
    const { found, searched, events } = await findCounterexample(broken, {
      firstSeed: request.firstSeed,
      onProgress: (progress) => tell({ type: 'progress', ...progress }),
    });
    tell(
      found === null ? { type: 'nothing', runs: searched, events } : { type: 'found', story: found.story },
    );
    return;
  }
  try {
    tell({ type: 'found', story: await storyOfFile(request.text, broken) });
  } catch (error) {
    if (!(error instanceof StoryUnusable)) throw error;
    tell({ type: 'refused', why: error.message });
  }
};
