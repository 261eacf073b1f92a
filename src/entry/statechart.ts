import '../adapters/system/require-node.ts';

export {
  type ChartDiff,
  type ChildChange,
  diffCharts,
  type FieldChange,
  isEmptyDiff,
  type NameChange,
  type StateChange,
  type TransitionChange,
} from '../statechart/compare/diff.ts';
export { diffScene } from '../statechart/compare/diff-scene.ts';
export { diffToMarkdown, diffToText } from '../statechart/compare/diff-text.ts';
export type { Hunk, SourceChange } from '../statechart/compare/source-diff.ts';
export type { SourceUse, SourceUser } from '../statechart/compare/source-users.ts';
export { type Assessment, assess } from '../statechart/coverage/assessment.ts';
export { coverageJson, coverageLines } from '../statechart/coverage/coverage-text.ts';
export {
  enumerate,
  type Space,
  type SpaceEvent,
  type SpaceStep,
} from '../statechart/coverage/enumeration.ts';
export { type Exclusions, exclusionsOf, type Grounds, noGrounds } from '../statechart/coverage/exclusions.ts';
export type { Claim, Evidence } from '../statechart/coverage/grounds.ts';
export { type Universe, universeOf } from '../statechart/coverage/universe.ts';
export type { Walked } from '../statechart/coverage/walked.ts';
export { toDot } from '../statechart/draw/dot.ts';
export { toMermaid } from '../statechart/draw/mermaid.ts';
export type { Theme } from '../statechart/draw/palette.ts';
export { type Drawable, type Format, formats, render } from '../statechart/draw/render.ts';
export type { Scene } from '../statechart/draw/scene.ts';
export { type Links, noLinks } from '../statechart/draw/state-box.ts';
export { toSvg } from '../statechart/draw/svg.ts';
export { layoutView, type View } from '../statechart/draw/view.ts';
export { NotSayable } from '../statechart/export/not-sayable.ts';
export { toScxml } from '../statechart/export/scxml.ts';
export { lossesOfStately, lossText, type StatelyLoss, toStately } from '../statechart/export/stately.ts';
export { commentsIn } from '../statechart/lint/comments.ts';
export type { Finding, Place, Severity } from '../statechart/lint/finding.ts';
export { type LintOptions, lint, lintFault, type Setting } from '../statechart/lint/lint.ts';
export type { Comment } from '../statechart/lint/suppression.ts';
export { PackageMissing } from '../statechart/missing-package.ts';
export {
  type ActionModel,
  type ActorModel,
  type Bound,
  type ChartModel,
  type GuardModel,
  type InvokeModel,
  type OwnAction,
  type StateModel,
  statesBelow,
  type TransitionModel,
  transitionsOf,
} from '../statechart/read/model.ts';
export { plainRules, type RuleStyle } from '../statechart/read/rule-style.ts';
export { StateNames } from '../statechart/read/state-name.ts';
export { NoSuchView } from '../statechart/read/top-state.ts';
export { walk } from '../statechart/read/walk.ts';
export type { Written } from '../statechart/read/written.ts';
export { isMachine } from '../statechart/read/xstate-internals.ts';
export type { Declaration, Definition, MachineSources } from '../statechart/source/machine-sources.ts';
export { type MachineFile, resolveSources } from '../statechart/source/resolve-sources.ts';
