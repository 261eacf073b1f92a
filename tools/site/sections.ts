/** A page of the site: what it is called beside the others, and its file in the repository. */
export interface SitePage {
  readonly text: string;
  readonly file: string;
}

export interface Section {
  readonly text: string;
  readonly pages: readonly SitePage[];
}

/** The programs of `examples/`, on one page that is written when the site is built. */
export const examplesPage = 'examples/README.md';

const page = (text: string, file: string): SitePage => ({ text, file });

/** Every page but those of the API, in the order in which the sidebar has them. */
export const sections: readonly Section[] = [
  {
    text: 'Start',
    pages: [
      page('raftchart', 'README.md'),
      page('The playground', 'docs/playground.md'),
      page('Questions', 'docs/questions.md'),
      page('Other protocols', 'docs/other-protocols.md'),
    ],
  },
  {
    text: 'The protocol',
    pages: [
      page('Rule by rule', 'docs/protocol.md'),
      page('Diagrams', 'diagrams/README.md'),
      page('Sequence diagrams', 'diagrams/sequences/README.md'),
      page('Divergences', 'DIVERGENCE.md'),
    ],
  },
  {
    text: 'Any statechart',
    pages: [
      page('Your own machines', 'docs/any-machine.md'),
      page('Differences', 'docs/diff.md'),
      page('Lint', 'docs/lint.md'),
      page('Generated tests', 'docs/model-testing.md'),
      page('The inspector', 'docs/inspector.md'),
      page('Formats', 'docs/formats.md'),
    ],
  },
  {
    text: 'Testing your Raft',
    pages: [
      page('Conformance', 'docs/conformance.md'),
      page('Results', 'docs/results.md'),
      page('Traces of others', 'docs/traces-of-others.md'),
      page('Histories', 'docs/histories.md'),
      page('Paths', 'docs/paths.md'),
    ],
  },
  {
    text: 'Breaking it',
    pages: [
      page('Simulator', 'docs/simulator.md'),
      page('Stories', 'docs/stories.md'),
      page('Explorer', 'docs/explorer.md'),
      page('Traces', 'docs/traces.md'),
      page('Mutants', 'docs/mutants.md'),
    ],
  },
  {
    text: 'Running a cluster',
    pages: [
      page('Cluster', 'docs/cluster.md'),
      page('Operations', 'docs/operations.md'),
      page('Scale', 'docs/scale.md'),
      page('Upgrades', 'docs/upgrades.md'),
      page('Backup', 'docs/backup.md'),
      page('Security', 'docs/security.md'),
      page('Metrics', 'docs/metrics.md'),
      page('Tracing', 'docs/tracing.md'),
    ],
  },
  {
    text: 'Reference',
    pages: [
      page('Commands', 'docs/commands.md'),
      page('Errors', 'docs/errors.md'),
      page('HTTP API', 'docs/http-api.md'),
      page('HTTP API, version 2', 'docs/http-api-v2.md'),
      page('A client for programs', 'docs/client.md'),
      page('etcd API', 'docs/etcd.md'),
      page('Sessions', 'docs/sessions.md'),
      page('Storage', 'docs/storage.md'),
      page('Wire', 'docs/wire.md'),
    ],
  },
  {
    text: 'Examples',
    pages: [
      page('In TypeScript', examplesPage),
      page('Maelstrom', 'examples/maelstrom/README.md'),
      page('Adapters', 'examples/adapters/README.md'),
      ...['Go', 'Java', 'Python', 'Rust'].map((language) =>
        page(`Adapter in ${language}`, `examples/adapters/${language.toLowerCase()}/README.md`),
      ),
      page('Figure 2 alone', 'examples/conformance-figure-2/README.md'),
      page('etcd', 'examples/conformance-etcd/README.md'),
      page('hashicorp/raft', 'examples/conformance-hashicorp/README.md'),
      page('C raft', 'examples/conformance-c-raft/README.md'),
      page('ra', 'examples/conformance-ra/README.md'),
      page('PySyncObj', 'examples/conformance-pysyncobj/README.md'),
      page('liferaft', 'examples/conformance-liferaft/README.md'),
    ],
  },
  {
    text: 'Inside',
    pages: [
      page('Embedding', 'docs/embedding.md'),
      page('Architecture', 'ARCHITECTURE.md'),
      page('Contributing', 'CONTRIBUTING.md'),
      page('Changes', 'CHANGELOG.md'),
    ],
  },
];
