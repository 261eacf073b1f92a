import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../../adapters/storage/make-directory.ts';
import {
  type Counterexample,
  counterexampleFiles,
  stuckProperty,
} from '../../verify/explore/counterexample.ts';
import { scheduleFileName } from '../../verify/explore/schedule-file.ts';
import { quoted } from '../quoted.ts';

/** What a person is told about a counterexample: the story, where the rest is, and how to replay it. */
export const writeCounterexample = (out: string, found: Counterexample): readonly string[] => {
  const hash = createHash('sha256').update(JSON.stringify(found.schedule)).digest('hex').slice(0, 8);
  const name = found.violation.property.toLowerCase().replace(/[^a-z]+/g, '-');
  const directory = join(out, `explore-${name}-${hash}`);
  const files = counterexampleFiles(found);
  const story = files['story.txt'].trimEnd().split('\n');
  try {
    makeDirectory(directory);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
  } catch (error) {
    // Finding it may have taken hours: it is reported all the same, with the steps that lead to it.
    const steps = found.schedule.map((step) => JSON.stringify(step));
    return [...story, '', `cannot write ${directory}: ${(error as Error).message}; the schedule:`, ...steps];
  }
  const at = (file: keyof typeof files): string => join(directory, file);
  return [
    ...story,
    '',
    `story:    ${at('story.txt')}`,
    `diagram:  ${at('sequence.svg')}, ${at('sequence.mmd')}`,
    `path:     ${at('path.txt')} (each node's way through the chart)`,
    `trace:    ${at(scheduleFileName)}`,
    `replay:   npx raftchart simulate --replay ${quoted(at(scheduleFileName))}`,
    ...(isPlayable(found) ? [`play:     npx raftchart play ${quoted(at(scheduleFileName))}`] : []),
  ];
};

/** The playground has the charts of this package alone, and shows what is violated, not what can never happen. */
const isPlayable = ({ chart, violation }: Counterexample): boolean =>
  (chart === null || 'broken' in chart) && violation.property !== stuckProperty;
