import * as snmp from 'net-snmp';
import { decryptDes, encryptDes, KeyStore } from './keys.ts';
import type { AuthProtocol, PrivProtocol, SnmpTarget } from './target.ts';

const AUTH = {
  MD5: { protocol: snmp.AuthProtocols.md5, hash: 'md5' },
  SHA: { protocol: snmp.AuthProtocols.sha, hash: 'sha1' },
  SHA224: { protocol: snmp.AuthProtocols.sha224, hash: 'sha224' },
  SHA256: { protocol: snmp.AuthProtocols.sha256, hash: 'sha256' },
  SHA384: { protocol: snmp.AuthProtocols.sha384, hash: 'sha384' },
  SHA512: { protocol: snmp.AuthProtocols.sha512, hash: 'sha512' },
} as const satisfies Record<AuthProtocol, { protocol: snmp.AuthProtocols; hash: string }>;

const PRIV = {
  DES: snmp.PrivProtocols.des,
  AES: snmp.PrivProtocols.aes,
  AES256B: snmp.PrivProtocols.aes256b,
  AES256R: snmp.PrivProtocols.aes256r,
} as const satisfies Record<PrivProtocol, snmp.PrivProtocols>;

const keys = new KeyStore();
const hashes = new Map<number, string>(Object.values(AUTH).map(({ protocol, hash }) => [protocol, hash]));

function localize(protocol: number, password: string | Buffer, engineID: Buffer): Buffer {
  const hash = hashes.get(protocol);
  if (hash === undefined) throw new Error(`there is no authentication protocol ${protocol}`);
  return keys.localize(hash, password, engineID);
}

// net-snmp reaches both through the objects it exports, so what is put there is what it uses. KeyStore says why.
Object.assign(snmp.Authentication, { passwordToKey: localize });
Object.assign(snmp.Encryption.algorithms[PRIV.DES], {
  encryptPdu(pdu: Buffer, _priv: number, password: string, auth: number, engine: { engineID: Buffer }) {
    const { encrypted, salt } = encryptDes(pdu, localize(auth, password, engine.engineID));
    return { encryptedPdu: encrypted, msgPrivacyParameters: salt };
  },
  decryptPdu(pdu: Buffer, _priv: number, salt: Buffer, password: string, auth: number, engine: { engineID: Buffer }) {
    return decryptDes(pdu, localize(auth, password, engine.engineID), salt);
  },
});

/** The user of SNMPv3 that a target names, as net-snmp takes it. */
export function userOf(target: SnmpTarget): snmp.User {
  const { user, authProtocol, authKey, privProtocol, privKey } = target;
  const { noAuthNoPriv, authNoPriv, authPriv } = snmp.SecurityLevel;
  return {
    name: user ?? '',
    level: privProtocol ? authPriv : authProtocol ? authNoPriv : noAuthNoPriv,
    ...(authProtocol && { authProtocol: AUTH[authProtocol].protocol, authKey: authKey ?? '' }),
    ...(privProtocol && { privProtocol: PRIV[privProtocol], privKey: privKey ?? '' }),
  };
}

/** The long part of making a target's keys, done once for every password in the process. */
export async function warmKeys({ authProtocol, authKey, privProtocol, privKey }: SnmpTarget): Promise<void> {
  if (!authProtocol) return;
  const { hash } = AUTH[authProtocol];
  await keys.warm(hash, authKey ?? '');
  if (privProtocol) await keys.warm(hash, privKey ?? '');
}
