import { ComposeFileError } from './definitions.ts';

/** Where what the compose file names is on this machine. */
export type Places = {
  /** The whole URL that stands for any URL of this database or queue server; empty where there is none. */
  stores: ReadonlyMap<string, string>;
  /** Our own services that listen: the port that the file knows, and the `host:port` that reaches one of the replicas. */
  services: ReadonlyMap<string, { inside: number; outside: string }>;
};

/** `scheme://user:password@` `host` `:port` `/the/rest` */
const URL_PARTS = /^([a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?)([^/?#:@]+)(?::(\d+))?(.*)$/is;

/** The host that a URL names, or null for what is no URL. */
export function hostOf(text: string): string | null {
  return URL_PARTS.exec(text)?.[2] ?? null;
}

/**
 * A value with the address of a compose service in it, as it is on this machine; any other value as it is.
 *
 * @param place where the value stands, for the error
 * @throws ComposeFileError when it names a port on which that service does not listen
 */
export function mapAddress(text: string, place: string, { stores, services }: Places): string {
  const [, before = '', host = '', port, after = ''] = URL_PARTS.exec(text) ?? [];
  const store = stores.get(host);
  if (store !== undefined) return store;
  const service = services.get(host);
  if (service === undefined) return text;
  if (Number(port) !== service.inside) {
    throw new ComposeFileError(`${place}: ${text} is no address of ${host}, which listens on ${service.inside}`);
  }
  return `${before}${service.outside}${after}`;
}
