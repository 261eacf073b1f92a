import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a client may do. Each permission includes those before it. */
export const permissions = ['read', 'write', 'admin'] as const;
export type Permission = (typeof permissions)[number];

export const includes = (has: Permission, needed: Permission): boolean =>
  permissions.indexOf(has) >= permissions.indexOf(needed);

/** The token file is invalid. The message is one line that names the line at fault and what was expected. */
export class TokensUnusable extends Error {
  override readonly name = 'TokensUnusable';
}

interface Known {
  readonly hash: Buffer;
  readonly permission: Permission;
  readonly name: string;
}

/** The owner of a token. */
export interface Bearer {
  readonly name: string;
  readonly permission: Permission;
}

/** Random bytes in a token: enough for a plain hash, without salt or work factor, to be safe. */
const tokenBytes = 32;

/** A new token, and its line for a token file. */
export const newToken = (
  permission: Permission,
  name: string,
): { readonly token: string; readonly line: string } => {
  const token = randomBytes(tokenBytes).toString('base64url');
  return { token, line: `sha256:${hashOf(token).toString('hex')} ${permission} ${name}` };
};

/** The tokens that a server accepts. It has only their hashes. */
export class Tokens {
  readonly #known: readonly Known[];

  private constructor(known: readonly Known[]) {
    this.#known = known;
  }

  /**
   * Reads one token a line: `sha256:<64 hexadecimal digits> <permission> <name>`. Lines that are empty or begin with # are ignored. `faults` has one
   * line for each invalid line.
   */
  static read(text: string): { readonly tokens: Tokens; readonly faults: readonly string[] } {
    const known: Known[] = [];
    const faults: string[] = [];
    for (const [at, line] of text.split('\n').entries()) {
      const trimmed = line.trim();
      if (trimmed === '' || trimmed.startsWith('#')) continue;
      const [, hex, permission, name] = linePattern.exec(trimmed) ?? [];
      if (hex === undefined) {
        faults.push(
          `line ${at + 1}: expected sha256:<64 hexadecimal digits>, ${permissions.join(', ')}, and a name, as raftchart token prints it`,
        );
        continue;
      }
      const hash = Buffer.from(hex, 'hex');
      if (known.some((each) => each.hash.equals(hash)))
        faults.push(`line ${at + 1}: this token is listed twice`);
      else known.push({ hash, permission: permission as Permission, name: name! });
    }
    if (known.length === 0) faults.push('it contains no token: make one with raftchart token');
    return { tokens: new Tokens(known), faults };
  }

  /** The same, but every line must be valid. Throws `TokensUnusable`, which names the first that is not. */
  static parse(text: string): Tokens {
    const { tokens, faults } = Tokens.read(text);
    if (faults.length > 0) throw new TokensUnusable(faults[0]);
    return tokens;
  }

  /** Whose token an `Authorization` header carries; null: nobody's. Takes equally long for every token. */
  bearerOf(authorization: string | undefined): Bearer | null {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    if (token === undefined || !isToken(token)) return null;
    const hash = hashOf(token);
    let found: Bearer | null = null;
    for (const { hash: known, permission, name } of this.#known)
      if (timingSafeEqual(hash, known)) found = { permission, name };
    return found;
  }
}

const linePattern = new RegExp(`^sha256:([0-9a-f]{64}) +(${permissions.join('|')}) +([\\w.@-]{1,64})$`);

/** A bearer token: RFC 6750 §2.1, with a bound on its length. */
export const isToken = (text: string): boolean => /^[A-Za-z0-9._~+/=-]{1,512}$/.test(text);

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
