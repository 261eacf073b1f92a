import '../adapters/system/require-node.ts';

export {
  type Adapter,
  AdapterBroken,
  AdapterHung,
  AdapterMalformed,
  AdapterUnusable,
} from '../conformance/adapter.ts';
export { capabilityNames, chartCapabilities, noCapabilities } from '../conformance/capabilities.ts';
export { type Danger, dangers } from '../conformance/danger.ts';
export type { Difference } from '../conformance/difference.ts';
export type { Finding } from '../conformance/finding.ts';
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
export {
  type ConformanceReport,
  findingsIn,
  type RuleReport,
  type Status,
  type SubjectReport,
} from '../conformance/report.ts';
export { reportJson } from '../conformance/report-json.ts';
export { junitReporter } from '../conformance/report-junit.ts';
export { reportText } from '../conformance/report-text.ts';
export {
  type ConformanceOptions,
  type Introduction,
  introduce,
  runConformance,
} from '../conformance/run-conformance.ts';
export { PackageMissing } from '../statechart/missing-package.ts';
