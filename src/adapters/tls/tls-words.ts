/** A TLS error in plain words: OpenSSL's own messages name its source files. */
export const wordsOf = ({
  code = '',
  reason,
  message,
}: {
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
  readonly message: string;
}): string => {
  // What fails while it is written is only a system error with OpenSSL's words in its message.
  const [, routine] = /:SSL routines:[^:]*:([^:\n]+)/.exec(message) ?? [];
  const named = routine === undefined ? code : `ERR_SSL_${routine.toUpperCase().replaceAll(' ', '_')}`;
  if (message.startsWith('Client network socket disconnected before secure TLS connection'))
    return 'it closed the connection during the handshake: it does not speak TLS, or its log says why it refuses this node';
  return reasons[code] ?? reasons[named] ?? reason ?? routine ?? message.split('\n')[0]!;
};

const unknownAuthority = 'its certificate comes from no authority that this node trusts';

const reasons: Readonly<Record<string, string>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'it shows no certificate',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ERR_SSL_HTTP_REQUEST: 'it speaks HTTP, not TLS: clients have a port of their own',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS',
  ERR_SSL_BAD_RECORD_TYPE: 'it does not speak TLS',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'the other side does not speak TLS 1.3',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it does not speak TLS 1.3',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'it took too long to prove who it is',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: compare the clocks',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the other side does not trust the authority of this certificate',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the other side requires a certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'the other side says that this certificate has expired',
};
