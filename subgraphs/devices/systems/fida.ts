import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { host } from '../host.ts';
import type { DeviceSystemStub } from '../system.ts';

const secret = (least: number) =>
  z.string().min(least, `must have at least ${least} characters`).max(200, 'must have at most 200 characters');

const port = z.number().int().min(1, 'must be 1 to 65535').max(65535, 'must be 1 to 65535').default(161);
const user = z
  .string()
  .min(1, 'must not be empty')
  .max(32, 'must have at most 32 characters')
  .refine(
    (text) => text.isWellFormed() && !/\p{Cc}/u.test(text),
    'must be well-formed text without control characters',
  );

/** RFC 3414 section 11.2 asks for passwords of at least 8 characters. */
const PASSWORD_LENGTH = 8;

const connection = z
  .strictObject({
    host,
    port,
    version: z.enum(['V1', 'V2C', 'V3']),
    community: secret(1).nullish(),
    user: user.nullish(),
    authProtocol: z.enum(['MD5', 'SHA', 'SHA224', 'SHA256', 'SHA384', 'SHA512']).nullish(),
    authKey: secret(PASSWORD_LENGTH).nullish(),
    privProtocol: z.enum(['DES', 'AES', 'AES256B', 'AES256R']).nullish(),
    privKey: secret(PASSWORD_LENGTH).nullish(),
    profile: z
      .enum(['wheelhouse-fida', 'lg-commercial', 'ntcip-1203'], {
        error: 'must be wheelhouse-fida, lg-commercial or ntcip-1203',
      })
      .nullish(),
  })
  .check(({ value, issues }) => {
    const fault = (path: string, message: string) =>
      issues.push({ code: 'custom', path: [path], message, input: value });
    if (value.version === 'V3') {
      if (!value.user) fault('user', 'is needed for version V3');
      if (value.community) fault('community', 'is not used by version V3');
      if (!value.authProtocol !== !value.authKey) fault('authKey', 'and authProtocol go together');
      if (!value.privProtocol !== !value.privKey) fault('privKey', 'and privProtocol go together');
      if (value.privKey && !value.authKey)
        fault('authKey', 'is needed where privKey is given (RFC 3414 knows no noAuthPriv)');
      return;
    }
    if (!value.community) fault('community', `is needed for version ${value.version}`);
    for (const name of ['user', 'authProtocol', 'authKey', 'privProtocol', 'privKey'] as const) {
      if (value[name]) fault(name, `is not used by version ${value.version}`);
    }
  });

export const system: DeviceSystemStub = {
  system: 'FIDA',
  typeName: 'FidaDisplay',
  connectionField: 'snmp',
  connection,
  secrets: ['community', 'authKey', 'privKey'],
  apartFromSecrets: ['profile'],
  address: ({ host, port }) => `${isIPv6(String(host)) ? `[${host}]` : host}:${port ?? 161}`,
  typeDefs: /* GraphQL */ `
    extend enum DeviceSystem {
      "Displays over SNMP."
      FIDA
    }

    extend input AddDeviceInput {
      "How to reach a display over SNMP."
      snmp: SnmpConnectionInput
    }

    extend input UpdateDeviceInput {
      """
      How to reach a display over SNMP; what is left out, secrets too, stays as it is, and null takes it away. Where anything but secrets and the profile becomes
      another, the secrets have to be given again.
      """
      snmp: SnmpConnectionInput
    }

    "How to reach an SNMP agent. Secrets are sealed at once and never read back."
    input SnmpConnectionInput {
      "Host name or IP address."
      host: String
      "UDP port; 161 if left out."
      port: Int
      "The version of SNMP to speak."
      version: SnmpVersion
      "The community (V1, V2C). A secret."
      community: String
      "The user name (V3)."
      user: String
      "How messages are authenticated (V3); left out for noAuthNoPriv."
      authProtocol: SnmpAuthProtocol
      "The authentication password (V3), at least 8 characters. A secret."
      authKey: String
      "How messages are encrypted (V3); left out for authNoPriv."
      privProtocol: SnmpPrivProtocol
      "The privacy password (V3), at least 8 characters. A secret."
      privKey: String
      "Which vendor's objects it has: wheelhouse-fida, lg-commercial or ntcip-1203; detected from sysObjectID if left out."
      profile: String
    }

    "Versions of SNMP."
    enum SnmpVersion {
      "SNMP version 1 (RFC 1157), for agents that speak nothing newer."
      V1
      "SNMP version 2 with communities (RFC 1901)."
      V2C
      "SNMP version 3 with the User-based Security Model (RFC 3414)."
      V3
    }

    "Authentication protocols of the User-based Security Model."
    enum SnmpAuthProtocol {
      "HMAC-MD5-96 (RFC 3414)."
      MD5
      "HMAC-SHA-96 (RFC 3414)."
      SHA
      "HMAC-128-SHA-224 (RFC 7860)."
      SHA224
      "HMAC-192-SHA-256 (RFC 7860)."
      SHA256
      "HMAC-256-SHA-384 (RFC 7860)."
      SHA384
      "HMAC-384-SHA-512 (RFC 7860)."
      SHA512
    }

    "Privacy protocols of the User-based Security Model."
    enum SnmpPrivProtocol {
      "CBC-DES (RFC 3414)."
      DES
      "CFB128-AES-128 (RFC 3826)."
      AES
      "AES-256 with Blumenthal's key extension."
      AES256B
      "AES-256 with Reeder's key extension, as Cisco has it."
      AES256R
    }
  `,
};
