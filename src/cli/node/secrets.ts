import { systemClock } from '../../adapters/system/clock.ts';
import { type CredentialFiles, Credentials } from '../../adapters/tls/credentials.ts';
import type { NodeIdentity } from '../../adapters/tls/node-identity.ts';
import type { Log } from '../../ports/log.ts';
import { TokenFile } from '../../store/http/access/token-file.ts';

/** What one node reads from files, and anew when they change. */
export class Secrets {
  readonly #log: Log;
  readonly #all: (Credentials | TokenFile)[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** Null: there are no files. Throws `CredentialsRefused`. */
  credentials(files: CredentialFiles | null, identity: NodeIdentity | null): Credentials | null {
    if (files === null) return null;
    return this.#keep(new Credentials({ files, identity, clock: systemClock, log: this.#log }));
  }

  /** Null: there is no file. Throws `TokensUnusable`. */
  tokens(path: string | null): TokenFile | null {
    return path === null ? null : this.#keep(new TokenFile(path, systemClock, this.#log));
  }

  reload(): void {
    for (const secret of this.#all) secret.reload();
  }

  close(): void {
    for (const secret of this.#all) secret.close();
  }

  #keep<Each extends Credentials | TokenFile>(secret: Each): Each {
    this.#all.push(secret);
    return secret;
  }
}
