import type { EtcdAccess } from './etcd-access.ts';
import type { EtcdStore } from './etcd-store.ts';
import type { Header } from './wire-types.ts';

interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** The service Auth, as far as a client needs it to log in. */
export const authService = (store: EtcdStore, access: EtcdAccess) => ({
  AuthStatus(): { readonly header: Header; readonly enabled: boolean } {
    return { header: store.header(), enabled: !access.isOpen };
  },

  Authenticate({ name, password }: Credentials): { readonly header: Header; readonly token: string } {
    return { header: store.header(), token: access.tokenFor(name, password) };
  },
});
