import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface StoryFile {
  /** Such as `members/leader-removes-itself.txt`. */
  readonly name: string;
  /** As messages name it. */
  readonly path: string;
  readonly url: URL;
  readonly text: string;
}

/** Every story, sorted by name. */
export const storyFiles = (): readonly StoryFile[] =>
  globSync('*/*.txt', { cwd: fileURLToPath(new URL('.', import.meta.url)) })
    .sort()
    .map((name) => {
      const url = new URL(name, import.meta.url);
      return { name, path: `test/stories/${name}`, url, text: readFileSync(url, 'utf8') };
    });
