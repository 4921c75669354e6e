import { type Asserted, createIdentitySigner, type Grant, IDENTITY_HEADER } from '../identity.ts';

/** Somebody with these grants; known by the name, as `user:<name>`. */
export const somebody = (name: string, grants: readonly Grant[]): Asserted => ({
  ...{ sub: `user:${name}`, sid: `session:${name}`, name, origin: '127.0.0.1' },
  grants: [...grants],
});

const now = (): Date => new Date();

/** What a router with this token says to a service of who asks: a header, and the payload of connection_init. */
export async function identityHeaders(
  { serviceToken, service }: { serviceToken: string; service: string },
  identity: Asserted,
): Promise<Record<string, string>> {
  return { [IDENTITY_HEADER]: await createIdentitySigner(serviceToken, now)(identity, service) };
}
