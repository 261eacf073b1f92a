import '../adapters/system/require-node.ts';

export {
  type ChartDiff,
  type ChildChange,
  diffCharts,
  type FieldChange,
  isEmptyDiff,
  type NameChange,
  type RuleSource,
  type StateChange,
  type TransitionChange,
} from '../statechart/compare/diff.ts';
export { diffScene } from '../statechart/compare/diff-scene.ts';
export { diffToMarkdown, diffToText } from '../statechart/compare/diff-text.ts';
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
export { toScxml } from '../statechart/draw/scxml.ts';
export { type Links, noLinks } from '../statechart/draw/state-box.ts';
export { toStately } from '../statechart/draw/stately.ts';
export { toSvg } from '../statechart/draw/svg.ts';
export { layoutView, type View } from '../statechart/draw/view.ts';
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
