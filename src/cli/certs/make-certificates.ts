import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 60 * 60 * 1000;
/** Clocks of machines differ. */
const earlierMs = 5 * 60 * 1000;
const authorityDays = 3650;

/** A certificate and its private key, in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface Wanted {
  /** Its common name, for people. */
  readonly name: string;
  /** Its identity; null: none. */
  readonly uri: string | null;
  /** Host names and addresses of a server; empty: it is a client's. */
  readonly hosts: readonly string[];
  readonly days: number;
}

/** A new authority. */
export const makeAuthority = async (name: string, nowMs = Date.now()): Promise<KeyPair> => {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: commonName(name),
    ...validity(authorityDays, nowMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pem(cert.toString('pem')), key: await keyText(keys.privateKey) };
};

/** A certificate from `authority`. Rejects if that is none. */
export const makeCertificate = async (
  authority: KeyPair,
  { name, uri, hosts, days }: Wanted,
  nowMs = Date.now(),
): Promise<KeyPair> => {
  const issuer = new x509.X509Certificate(authority.cert);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(authority.key),
    algorithm,
    false,
    ['sign'],
  );
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const names: { type: 'url' | 'dns' | 'ip'; value: string }[] = [
    ...(uri === null ? [] : [{ type: 'url' as const, value: uri }]),
    ...hosts.map((host) => ({ type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host })),
  ];
  const uses = [
    x509.ExtendedKeyUsage.clientAuth,
    ...(hosts.length > 0 ? [x509.ExtendedKeyUsage.serverAuth] : []),
  ];
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: commonName(name),
    issuer: issuer.subject,
    ...validity(days, nowMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(uses),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { cert: pem(cert.toString('pem')), key: await keyText(keys.privateKey) };
};

const validity = (days: number, nowMs: number) => ({
  notBefore: new Date(nowMs - earlierMs),
  notAfter: new Date(nowMs + days * dayMs),
});

/** Positive, and 128 bits of chance: RFC 5280 §4.1.2.2. */
const newSerial = (): string => {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
};

const commonName = (name: string): x509.JsonName => [{ CN: [name] }];

const keyText = async (key: webcrypto.CryptoKey): Promise<string> =>
  pem(x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY'));

const pem = (text: string): string => `${text.trimEnd()}\n`;
