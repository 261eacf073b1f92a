import { InvalidArgumentError } from 'commander';
import {
  capabilityNames,
  chartCapabilities,
  contradictionIn,
  without,
} from '../../conformance/capabilities.ts';
import type { Capabilities } from '../../conformance/protocol.ts';
import { UsageError } from '../usage-error.ts';

export type CapabilityName = keyof Capabilities;

export const parseCapabilities = (text: string): readonly CapabilityName[] =>
  text.split(',').map((part) => {
    const name = part.trim();
    const found = capabilityNames.find((each) => each === name);
    if (found === undefined) {
      throw new InvalidArgumentError(`"${name}" is not one of ${capabilityNames.join(', ')}.`);
    }
    return found;
  });

/** Those of the chart, with some more and without others. Throws `UsageError` for a contradiction. */
export const capabilitiesOf = (
  also: readonly CapabilityName[],
  lacks: readonly CapabilityName[],
): Capabilities => {
  const both = also.find((name) => lacks.includes(name));
  if (both !== undefined) throw new UsageError(`--with and --without both name ${both}`);
  const has = {
    ...without(chartCapabilities, lacks),
    ...Object.fromEntries(also.map((name) => [name, true])),
  };
  const contradiction = contradictionIn(has);
  if (contradiction !== null) throw new UsageError(contradiction);
  return has;
};
