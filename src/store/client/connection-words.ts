/** Why `endpoint` did not answer, for whoever runs the client; null: the error code says enough. `howToTrust`: the client's way to trust one more authority. */
export const connectionWords = (
  endpoint: string,
  { code, message }: { readonly code?: string | undefined; readonly message: string },
  howToTrust: string,
): string | null => {
  const unverified = unverifiedWords(endpoint, code, howToTrust);
  if (unverified !== null) return unverified;
  if (code === 'EPROTO') return withoutTls(endpoint);
  return code?.startsWith('ERR_SSL_') ? `TLS with ${endpoint} failed: ${message.split('\n')[0]}` : null;
};

/** Of those the faults that end a handshake before anything was sent; null: it is none of them. */
export const unverifiedWords = (
  endpoint: string,
  code: string | undefined,
  howToTrust: string,
): string | null => {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `the certificate of ${endpoint} is not for that host: use a name that it lists`;
  // TLS below 1.3, or none at all.
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return withoutTls(endpoint);
  if (unknownAuthority.has(code ?? ''))
    return `the certificate of ${endpoint} was not issued by an authority that this client trusts: ${howToTrust}`;
  const fault = faults[code ?? ''];
  return fault === undefined ? null : `the certificate of ${endpoint} ${fault}`;
};

const withoutTls = (endpoint: string): string =>
  `${endpoint} does not speak TLS 1.3: use http://, or another port`;

const unknownAuthority: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
]);

const faults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired: renew it on that node',
  CERT_NOT_YET_VALID: 'is not valid yet: compare the clocks',
};
