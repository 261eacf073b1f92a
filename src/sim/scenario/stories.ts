import { election } from './stories/election.ts';
import type { Story } from './story.ts';

/** Every story, in the order in which one may want to read them. */
export const stories: readonly Story[] = [election];
