import { once } from 'node:events';
import { connect } from 'node:net';
import { createServer } from 'node:tls';
import { onTestFinished } from 'vitest';

/** A certificate that was made for these tests and signed by nobody else, as a Core's is; its key opens nothing. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBkDCCATagAwIBAgIUDZnQTQQq0BffGEatJHqoIaVVmmIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJY29yZS50ZXN0MCAXDTI2MTEyNTIyMzYwN1oYDzIxMjYxMTAx
MjIzNjA3WjAUMRIwEAYDVQQDDAljb3JlLnRlc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASJIcEIlLQ2ylbvQMIXMg/3YmF6JvXrwkTJd7H/Rzv9K4EyhN2uWNju
EhMtykTHoOUUOrHUgcZBMB6JN5TKJyp2o2QwYjAdBgNVHQ4EFgQU3hAMKKlMEpGI
Sv20nMMSzmM2OoIwHwYDVR0jBBgwFoAU3hAMKKlMEpGISv20nMMSzmM2OoIwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUC
IDKPI27yR1DTjRqt+GT7hE61idlfy4qDAPZb58DJTqVuAiEArUjJeXbW20TJoWHd
I2VFUs8OpdfAQHZYY2BwQhlTmzQ=
-----END CERTIFICATE-----
`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgklYbE2leYO0DbnjV
59VjwH8brFXmYFz+xhS1oTj3qYWhRANCAASJIcEIlLQ2ylbvQMIXMg/3YmF6JvXr
wkTJd7H/Rzv9K4EyhN2uWNjuEhMtykTHoOUUOrHUgcZBMB6JN5TKJyp2
-----END PRIVATE KEY-----
`;

export const FINGERPRINT =
  'C3:53:DF:A9:08:67:43:36:7F:0F:72:65:46:02:39:5F:03:CC:6C:08:FE:4F:77:AD:E7:7B:3A:D7:98:83:49:5D';

/** Puts TLS before a port of loopback. @returns the port at which it is spoken */
export async function withTls(port: number): Promise<number> {
  const server = createServer({ cert: CERTIFICATE, key: KEY }, (inside) => {
    const outside = connect(port, '127.0.0.1');
    for (const socket of [inside, outside]) socket.on('error', () => {});
    inside.pipe(outside).pipe(inside);
    inside.on('close', () => outside.destroy());
    outside.on('close', () => inside.destroy());
  });
  server.on('tlsClientError', () => {});
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
