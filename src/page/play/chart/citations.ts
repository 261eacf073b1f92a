/** A piece of a rule as charts cite it. */
export interface Citation {
  readonly text: string;
  /** Where that section or figure can be read; null: it is no citation. */
  readonly href: string | null;
}

const paper = 'https://raft.github.io/raft.pdf';
const thesis = 'https://github.com/ongardie/dissertation/blob/master/online.pdf?raw=true';

/** `Raft paper §5.4.1; Figure 2, RequestVote 2`: each section and each figure leads to the document at that place. */
export const citationsOf = (rule: string): readonly Citation[] =>
  rule.split(/(?<=;)/).flatMap((part) => {
    const placeIn = /thesis/i.test(part) ? placeInThesis : placeInPaper;
    return part
      .split(/((?:Raft paper |[Tt]hesis )?§\d+(?:\.\d+)*|Figure \d+)/)
      .map((text, at) => ({
        text,
        href: at % 2 === 1 ? placeIn(text.replace(/^.*?(?=§|Figure)/, '')) : null,
      }))
      .filter(({ text }) => text !== '');
  });

/** Pages of the extended version. */
const pages: Readonly<Record<string, number>> = {
  '§5.1': 5,
  '§5.2': 6,
  '§5.3': 6,
  '§5.4': 8,
  '§5.4.1': 8,
  '§5.4.2': 8,
  '§6': 10,
  '§7': 11,
  '§8': 13,
  'Figure 2': 4,
  'Figure 3': 5,
  'Figure 13': 12,
};

const placeInPaper = (place: string): string =>
  Object.hasOwn(pages, place) ? `${paper}#page=${pages[place]}` : paper;

/** Its sections have names inside the document. */
const placeInThesis = (place: string): string => {
  const number = place.replace('§', '');
  const kind = ['chapter', 'section', 'subsection'][number.split('.').length - 1];
  return kind === undefined ? thesis : `${thesis}#nameddest=${kind}.${number}`;
};
