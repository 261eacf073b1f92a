/** The start page: what raftchart is, one picture, and the ways from there. VitePress's own layout of it has no `main`, which screen readers jump to. */
export const homePage = (description: string): string => {
  const [tagline, rest = ''] = description.split(': ', 2);
  return `---
layout: page
sidebar: false
hero:
  name: raftchart
  text: ${tagline}
  tagline: ${JSON.stringify(rest.charAt(0).toUpperCase() + rest.slice(1))}
  image:
    light: /diagrams/raft/outline.light.svg
    dark: /diagrams/raft/outline.dark.svg
    alt: "The role chart: follower, pre-candidate, candidate and leader, and the arrows between them"
  actions:
    - { theme: brand, text: Break a cluster, link: /play/index.html, target: _self }
    - { theme: alt, text: Read the protocol, link: /docs/protocol }
    - { theme: alt, text: Try it, link: /overview }
features:
  - title: The playground
    details: A cluster in this browser, to cut, crash, step through and rewind, with twelve lessons, from an election to the handing over of the leadership.
    link: /play/index.html
    target: _self
  - title: The protocol, rule by rule
    details: Every transition of the chart with its sentence, its source in the paper or the thesis, its tests, and the bugs it rules out.
    link: /docs/protocol
  - title: Your own machines
    details: "Any XState 5 machine: diagrams, differences in review, lint, generated tests, and a live inspector."
    link: /docs/any-machine
  - title: Testing your implementation
    details: The tests that are generated from the chart, run on a Raft of your own in any language.
    link: /docs/conformance
  - title: Running a cluster
    details: Durable nodes that survive kill -9, change members while they run, and are backed up, secured and measured.
    link: /docs/cluster
  - title: Embedding
    details: Replicate your own state machine inside your own process.
    link: /docs/embedding
---

<script setup>
import { VPHomeFeatures, VPHomeHero } from 'vitepress/theme-without-fonts';
</script>

<main>
<VPHomeHero />
<VPHomeFeatures />
</main>
`;
};
