import '../adapters/system/require-node.ts';

export type { TimerName } from '../node/step.ts';
export {
  type ClusterSize,
  clusterSizes,
  type Generated,
  type GenerateOptions,
  generatePaths,
} from '../verify/paths/generate-paths.ts';
export {
  type Expectation,
  type Path,
  type PathAnswer,
  type PathEntry,
  type PathEvent,
  type PathMessage,
  type PathSet,
  type PathSettings,
  type PathStep,
  type PathTransition,
  pathFormatVersion,
} from '../verify/paths/path.ts';
export { fromLines, toLines } from '../verify/paths/path-file.ts';
export { toMarkdown } from '../verify/paths/path-markdown.ts';
export { toMessage, toPathMessage } from '../verify/paths/path-message.ts';
export { type Mismatch, type Replayed, replay } from '../verify/paths/replay.ts';
