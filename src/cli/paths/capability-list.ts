import { InvalidArgumentError } from 'commander';
import { capabilityNames, chartCapabilities } from '../../conformance/capabilities.ts';
import type { Capabilities } from '../../conformance/protocol.ts';

export type CapabilityName = keyof Capabilities;

export const parseCapabilities = (text: string): readonly CapabilityName[] =>
  text.split(',').map((name) => {
    const found = capabilityNames.find((each) => each === name);
    if (found === undefined) {
      throw new InvalidArgumentError(`"${name}" is not one of ${capabilityNames.join(', ')}.`);
    }
    return found;
  });

/** Those of the chart, with some more and without others. */
export const capabilitiesOf = (
  also: readonly CapabilityName[],
  without: readonly CapabilityName[],
): Capabilities => ({
  ...chartCapabilities,
  ...Object.fromEntries(also.map((name) => [name, true])),
  ...Object.fromEntries(without.map((name) => [name, false])),
});
