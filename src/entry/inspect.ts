import '../adapters/system/require-node.ts';

export type { Inspector } from '../statechart/inspect/attach-inspector.ts';
export { createInspector, type InspectorOptions } from '../statechart/inspect/create-inspector.ts';
