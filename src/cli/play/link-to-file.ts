import { brokenRules } from '../../simulate/broken/broken-rules.ts';
import { isFailureFile, storyOfFile } from '../../simulate/counterexample/story-of-file.ts';
import { linkTo } from '../../simulate/play/link.ts';
import { StoryUnusable } from '../../simulate/scenario/story-unusable.ts';
import { textStory } from '../../simulate/scenario/text/text-story.ts';
import { readStoryFile } from '../scenario/story-file.ts';
import { UsageError } from '../usage-error.ts';

/** The fragment of a URL that opens a story, a failing plan or a counterexample, whose nodes break the rule named `broken`. Throws `UsageError`. */
export const linkToFile = async (file: string, broken: string | undefined): Promise<string> => {
  try {
    const given = readStoryFile(file);
    const rule = brokenRules.find(({ name }) => name === broken) ?? null;
    if (rule !== null && !isFailureFile(given))
      throw new UsageError(
        `--broken is for a plan.json or trace.ndjson: write broken: ${rule.name} at the top of ${file} instead`,
      );
    const text = isFailureFile(given) ? await storyOfFile(given, rule) : given;
    textStory(file, text);
    return await linkTo(text);
  } catch (error) {
    if (!(error instanceof StoryUnusable)) throw error;
    throw new UsageError(error.message.startsWith(file) ? error.message : `${file}: ${error.message}`);
  }
};
