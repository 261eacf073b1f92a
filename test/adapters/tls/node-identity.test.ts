import { describe, expect, it } from 'vitest';
import { identityFault, identityIn, identityUri } from '../../../src/adapters/tls/node-identity.ts';

const uriOf = (clusterId: string, node: number) => `URI:${identityUri({ clusterId, node })}`;

describe('the identity in a certificate', () => {
  it.each([
    ['raftchart', 1],
    ['two words', 12],
    ['a/b, URI:spiffe://other/node/1', 3],
    ['größe', 9007199254740991],
  ])('of node %s/%i leads back to it', (clusterId, node) => {
    expect(identityIn(`DNS:a.example, ${uriOf(clusterId, node)}, IP Address:127.0.0.1`)).toEqual({
      clusterId,
      node,
    });
  });

  it.each([
    [undefined, /it has no URI/],
    ['DNS:a.example', /it has no URI/],
    // The name of another kind says what an identity would.
    ['DNS:"x, URI:spiffe://raftchart/node/1"', /it has no URI/],
    [`${uriOf('raftchart', 1)}, ${uriOf('raftchart', 2)}`, /it has 2 URIs/],
    [`${uriOf('raftchart', 1)}, URI:https://a.example`, /it has 2 URIs/],
    ['URI:https://raftchart/node/1', /which is no node/],
    ['URI:spiffe://raftchart/node/0', /which is no node/],
    ['URI:spiffe://raftchart/node/01', /which is no node/],
    ['URI:spiffe://raftchart/node/1/x', /which is no node/],
    ['URI:spiffe://raftchart/node/9999999999999999', /which is no node/],
    ['URI:spiffe://%zz/node/1', /which is no node/],
    ['URI:spiffe:///node/1', /which is no node/],
  ])('is none in %s', (names, why) => {
    expect(identityIn(names)).toMatch(why);
  });

  it('proves to be that node alone, of that cluster', () => {
    expect(identityFault(uriOf('raftchart', 1), 'raftchart', 1)).toBeNull();
    expect(identityFault(uriOf('raftchart', 2), 'raftchart', null)).toBeNull();
    expect(identityFault(uriOf('raftchart', 2), 'raftchart', 1)).toBe('it is issued to node2, not to node1');
    expect(identityFault(uriOf('other', 1), 'raftchart', null)).toBe(
      'it is issued to a node of cluster other, and this is cluster raftchart',
    );
    expect(identityFault('DNS:a', 'raftchart', 1)).toMatch(/names no node/);
  });
});
