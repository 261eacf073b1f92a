/** Why `endpoint` did not answer, for the user of the client; null: the error code says enough. */
export const connectionWords = (
  endpoint: string,
  { code, message }: NodeJS.ErrnoException,
): string | null => {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `the certificate of ${endpoint} is not for that host: use a name that it lists`;
  // TLS below 1.3, or none at all.
  if (
    code === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' ||
    code === 'EPROTO'
  )
    return `${endpoint} does not speak TLS 1.3: use http://, or another port`;
  const fault = faults[code ?? ''];
  if (fault !== undefined) return `the certificate of ${endpoint} ${fault}`;
  return code?.startsWith('ERR_SSL_') ? `TLS with ${endpoint} failed: ${message.split('\n')[0]}` : null;
};

const unknownAuthority = 'was not issued by an authority that this client trusts: see --cacert';

const faults: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  CERT_HAS_EXPIRED: 'has expired: renew it on that node',
  CERT_NOT_YET_VALID: 'is not valid yet: compare the clocks',
};
