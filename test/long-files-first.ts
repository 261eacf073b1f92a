import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take longest, with those that generate what others share before the others. Begun last, one of them would keep a
 * single worker busy after all the others are done.
 */
const longFiles = [
  'test/conformance/figure-2.test.ts',
  'test/verify/coverage/exclusions.test.ts',
  'test/processes/rolling-upgrade.test.ts',
  'test/conformance/protocol-schema.test.ts',
  'test/examples/conformance-ra.test.ts',
  'test/examples/conformance-c-raft.test.ts',
  'test/examples/conformance-hashicorp.test.ts',
  'test/examples/conformance-etcd.test.ts',
  'test/examples/conformance-pysyncobj.test.ts',
  'test/conformance/adapter-templates.test.ts',
  'test/processes/replace.test.ts',
  'test/page/access.test.ts',
  'test/page/inspector/inspector.test.ts',
  'test/processes/trust.test.ts',
  'test/cli/raft-client.test.ts',
  'test/store/http/access/served-access.test.ts',
  'test/verify/driven/paths-on-real-node.test.ts',
  'test/simulate/shrink.test.ts',
  'test/cli/diagram/generate.test.ts',
  'test/site/site.test.ts',
  'test/cli/diagram/commands.test.ts',
  'test/processes/backup.test.ts',
  'test/conformance/path-vitest.test.ts',
  'test/examples/examples.test.ts',
  'test/processes/spans.test.ts',
  'test/processes/members.test.ts',
  'test/stories/stories.test.ts',
  'test/processes/kill-leader.test.ts',
];

/** The long files in their order, then the rest in Vitest's own. */
export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number => {
      const at = longFiles.findIndex((file) => moduleId.endsWith(`/${file}`));
      return at < 0 ? longFiles.length : at;
    };
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}
