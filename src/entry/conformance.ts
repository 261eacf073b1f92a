import '../adapters/system/require-node.ts';

export { type Adapter, AdapterBroken, AdapterHung, AdapterUnusable } from '../conformance/adapter.ts';
export { capabilityNames, chartCapabilities, noCapabilities } from '../conformance/capabilities.ts';
export type { Difference } from '../conformance/difference.ts';
export { toVitest } from '../conformance/path-vitest.ts';
export { PathsUnfit, pathsFor } from '../conformance/paths-for.ts';
export {
  type AdapterMessage,
  type AdapterRequest,
  type AdapterResponse,
  type AdapterState,
  adapterProtocolVersion,
  type Capabilities,
} from '../conformance/protocol.ts';
export type { ConformanceReport, Finding, RuleReport, Status, SubjectReport } from '../conformance/report.ts';
export { junitReporter, reportJson } from '../conformance/report-files.ts';
export { reportText } from '../conformance/report-text.ts';
export {
  type ConformanceOptions,
  type Introduction,
  introduce,
  runConformance,
} from '../conformance/run-conformance.ts';
export { PackageMissing } from '../statechart/missing-package.ts';
