/** A story that comes with the page. */
export interface ToldStory {
  readonly title: string;
  readonly text: string;
}

const titleIn = (text: string): string => /^title: (.*)$/m.exec(text)?.[1] ?? '';

const byFile = (files: Readonly<Record<string, string>>): readonly ToldStory[] =>
  Object.keys(files)
    .toSorted()
    .map((file) => ({ title: titleIn(files[file]!), text: files[file]! }));

/** What one may want to learn, in that order. */
export const lessons = byFile(
  import.meta.glob<string>('../../simulate/scenario/lessons/*.txt', {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
);

/** In each of these a rule of Raft is broken on purpose. */
export const brokenStories = byFile(
  import.meta.glob<string>('../../simulate/broken/stories/*.txt', {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
);

/** In each of these one node lies to the others. */
export const attacks = byFile(
  import.meta.glob<string>('../../simulate/scenario/attacks/*.txt', {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
);
