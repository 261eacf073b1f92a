import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { readPrivateFile } from '../system/private-file.ts';
import { WatchedFiles } from '../system/watched-files.ts';
import { identityFault, type NodeIdentity } from './node-identity.ts';

/** The files, in PEM, with one side's certificate, its key and the authorities that it trusts. */
export interface CredentialFiles {
  /** The certificate, followed by any intermediate certificates. */
  readonly cert: string;
  readonly key: string;
  /** The authorities trusted to issue the other side's certificate; null: it needs none. */
  readonly ca: string | null;
}

/** The files cannot be used. The message is one line that names the file and the remedy. */
export class CredentialsRefused extends Error {
  override readonly name = 'CredentialsRefused';
}

export interface CredentialsOptions {
  readonly files: CredentialFiles;
  /** To whom the certificate must be made out; null: to anybody. */
  readonly identity: NodeIdentity | null;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly wallClock?: () => number;
}

/** The oldest version of TLS that is spoken. RFC 8446. */
export const tlsVersion = 'TLSv1.3';

/** How long a TLS handshake may take. */
export const handshakeMs = 5000;

const dayMs = 24 * 60 * 60 * 1000;
/** How long before it expires a certificate is reported, once a day. */
const warnMs = 14 * dayMs;

/** The texts of the files, as `node:tls` takes them. */
export interface Pem {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/** What was read and found valid. */
interface Loaded {
  readonly pem: Pem;
  readonly context: SecureContext;
  readonly expiresMs: number;
}

/**
 * What TLS needs from files, read again when they change and when `reload` is called. Invalid files are reported and what was read before
 * stays in force, so that a renewal that fails half-way cuts nobody off.
 */
export class Credentials {
  readonly #options: CredentialsOptions;
  readonly #wallClock: () => number;
  readonly #listeners = new Set<() => void>();
  #loaded: Loaded;
  readonly #watched: WatchedFiles;
  #said: string | null = null;
  #warnedMs = 0;

  /** Throws `CredentialsRefused`. */
  constructor(options: CredentialsOptions) {
    this.#options = options;
    this.#wallClock = options.wallClock ?? Date.now;
    const { cert, key, ca } = options.files;
    this.#watched = new WatchedFiles(ca === null ? [cert, key] : [cert, key, ca], options.clock);
    this.#loaded = loaded(options, this.#wallClock());
    this.#warnOfExpiry();
    this.#watched.follow((haveChanged) => {
      if (haveChanged) this.reload();
      this.#warnOfExpiry();
    });
  }

  get pem(): Pem {
    return this.#loaded.pem;
  }

  get context(): SecureContext {
    return this.#loaded.context;
  }

  /** When the certificate expires, in milliseconds since 1970. */
  get expiresMs(): number {
    return this.#loaded.expiresMs;
  }

  /** Calls `listener` whenever something else was read; returns what unsubscribes it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Reads the files now. */
  reload(): void {
    const { log, files } = this.#options;
    this.#watched.note();
    try {
      this.#loaded = loaded(this.#options, this.#wallClock());
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#said) log.error({ error: message }, 'certificates are not reloaded');
      this.#said = message;
      return;
    }
    this.#said = null;
    log.info(
      { cert: files.cert, expires: new Date(this.#loaded.expiresMs).toISOString() },
      'certificates are reloaded',
    );
    this.#warnedMs = 0;
    this.#warnOfExpiry();
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    this.#watched.close();
    this.#listeners.clear();
  }

  #warnOfExpiry(): void {
    const now = this.#wallClock();
    const { expiresMs } = this.#loaded;
    if (expiresMs - now > warnMs || now - this.#warnedMs < dayMs) return;
    this.#warnedMs = now;
    const { cert } = this.#options.files;
    const expires = new Date(expiresMs).toISOString();
    this.#options.log.warn(
      { cert, expires },
      expiresMs <= now
        ? 'the certificate has expired: replace it'
        : 'the certificate expires soon: replace it',
    );
  }
}

const loaded = ({ files, identity }: CredentialsOptions, nowMs: number): Loaded => {
  const [cert, ca] = [text(files.cert), files.ca === null ? null : text(files.ca)];
  const key = keyText(files.key);
  const [leaf, ...between] = certificatesIn(files.cert, cert);
  const authorities = files.ca === null ? [] : certificatesIn(files.ca, ca!);
  const expiresMs = Date.parse(leaf!.validTo);
  if (expiresMs <= nowMs)
    throw new CredentialsRefused(`${files.cert} expired on ${leaf!.validTo}: replace it`);
  if (Date.parse(leaf!.validFrom) > nowMs) {
    throw new CredentialsRefused(
      `${files.cert} is not valid before ${leaf!.validFrom}: set this machine's clock, or replace it`,
    );
  }
  const privateKey = attempt(`${files.key} is not a private key in PEM`, () => createPrivateKey(key));
  if (!leaf!.checkPrivateKey(privateKey))
    throw new CredentialsRefused(
      `${files.key} is not the key of ${files.cert}: name the two that belong together`,
    );
  const fault =
    identity === null ? null : identityFault(leaf!.subjectAltName, identity.clusterId, identity.node);
  if (fault !== null)
    throw new CredentialsRefused(`${files.cert} cannot be used by node${identity!.node}: ${fault}`);
  // On the client port the authority of this certificate may differ from those of clients.
  if (
    identity !== null &&
    files.ca !== null &&
    ![...between, ...authorities].some((each) => hasIssued(each, leaf!))
  ) {
    throw new CredentialsRefused(
      `${files.cert} does not come from an authority in ${files.ca}: peers that trust those would refuse it`,
    );
  }
  const pem: Pem = { cert, key, ...(ca === null ? {} : { ca }) };
  const context = attempt(`${files.cert} cannot be used`, () =>
    createSecureContext({ ...pem, minVersion: tlsVersion }),
  );
  return { pem, context, expiresMs };
};

const hasIssued = (issuer: X509Certificate, cert: X509Certificate): boolean =>
  cert.checkIssued(issuer) && cert.verify(issuer.publicKey);

const keyText = (path: string): string => {
  try {
    return readPrivateFile(path, 'read');
  } catch (error) {
    throw new CredentialsRefused((error as Error).message);
  }
};

const text = (path: string): string => attempt(`cannot read ${path}`, () => readFileSync(path, 'utf8'));

const certificatesIn = (path: string, pem: string): readonly X509Certificate[] => {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (blocks === null) throw new CredentialsRefused(`${path} holds no certificate in PEM`);
  return blocks.map((block) =>
    attempt(`${path} holds a damaged certificate`, () => new X509Certificate(block)),
  );
};

const attempt = <Value>(failed: string, act: () => Value): Value => {
  try {
    return act();
  } catch (error) {
    throw new CredentialsRefused(`${failed}: ${(error as Error).message.split('\n')[0]}`);
  }
};
