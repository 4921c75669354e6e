import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { host } from '../host.ts';
import type { DeviceSystemStub } from '../system.ts';

const words = z
  .string()
  .min(1, 'must not be empty')
  .max(200, 'must have at most 200 characters')
  .refine(
    (text) => text.isWellFormed() && !/\p{Cc}/u.test(text),
    'must be well-formed text without control characters',
  );

/** The vendor's own ports: QRC over TCP, and over a websocket (HTTP and HTTPS). */
const PORTS = { TCP: 1710, WEBSOCKET: 80, WEBSOCKET_TLS: 443 } as const;

/** A SHA-256 as tools print it, `AA:BB:…` or without colons, in the form in which Node has it. */
const fingerprint = z
  .string()
  .regex(/^[0-9a-f]{2}(:?[0-9a-f]{2}){31}$/i, 'must be a SHA-256: 64 hexadecimal digits, with or without colons')
  .transform((given) =>
    given
      .replaceAll(':', '')
      .toUpperCase()
      .replace(/..(?!$)/g, '$&:'),
  );

const connection = z
  .strictObject({
    host,
    port: z.number().int().min(1, 'must be 1 to 65535').max(65535, 'must be 1 to 65535').nullish(),
    transport: z.enum(['TCP', 'WEBSOCKET', 'WEBSOCKET_TLS']).default('TCP'),
    certificateFingerprint: fingerprint.nullish(),
    user: words.nullish(),
    password: words.nullish(),
  })
  .check(({ value, issues }) => {
    const fault = (path: string, message: string) =>
      issues.push({ code: 'custom', path: [path], message, input: value });
    if (value.user && !value.password) fault('password', 'is needed where user is given');
    if (value.certificateFingerprint && value.transport !== 'WEBSOCKET_TLS')
      fault('certificateFingerprint', `is for WEBSOCKET_TLS, and not for ${value.transport}`);
    if (value.password && !value.user) fault('user', 'is needed where password is given');
  })
  .transform((value) => ({ ...value, port: value.port ?? PORTS[value.transport] }));

export const system: DeviceSystemStub = {
  system: 'QSYS',
  typeName: 'AudioCore',
  connectionField: 'qrc',
  connection,
  secrets: ['password'],
  address: ({ host, port }) => `${isIPv6(String(host)) ? `[${host}]` : host}:${port}`,
  typeDefs: /* GraphQL */ `
    extend enum DeviceSystem {
      "Q-SYS Cores over QRC."
      QSYS
    }

    extend input AddDeviceInput {
      "How to reach a Q-SYS Core over QRC."
      qrc: QrcConnectionInput
    }

    extend input UpdateDeviceInput {
      """
      How to reach a Q-SYS Core over QRC; what is left out, the password too, stays as it is, and null takes it away. Where anything but the password becomes
      another, it has to be given again.
      """
      qrc: QrcConnectionInput
    }

    "How to reach a Q-SYS Core. Secrets are sealed at once and never read back."
    input QrcConnectionInput {
      "Host name or IP address."
      host: String
      "The port; if left out 1710 for TCP, 80 for WEBSOCKET, and 443 for WEBSOCKET_TLS."
      port: Int
      "How QRC is carried; TCP if left out."
      transport: QrcTransport
      """
      The SHA-256 fingerprint of the Core's certificate, for WEBSOCKET_TLS: then it must have this one, whoever signed it. Without it the certificate must be
      one that this machine trusts, and that is for the host; those that Cores make themselves are not.
      """
      certificateFingerprint: String
      "The user to log on as, where the Core's external control asks for a logon."
      user: String
      "The user's PIN or password. A secret."
      password: String
    }

    "Ways to carry QRC."
    enum QrcTransport {
      "Over TCP."
      TCP
      "Over a websocket at /qrc-public-api/v0, for designs of Q-SYS Designer 10 or newer."
      WEBSOCKET
      "The same over TLS."
      WEBSOCKET_TLS
    }
  `,
};
