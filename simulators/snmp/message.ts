import { BerError, BerReader, encodeInteger, encodeOctets, encodeSequence, TAG } from './ber.ts';
import { decodePdu, encodePdu, type Pdu } from './pdu.ts';

/** RFC 3412 §6.4: bits of msgFlags. */
export const FLAG = { auth: 1, priv: 2, reportable: 4 } as const;
const USER_SECURITY_MODEL = 3;
/** The largest UDP payload over IPv4. */
const MAX_SIZE = 65_507;

/** A message of version 3 whose scoped PDU is still as it was sent (encrypted or not). */
export type V3Message = {
  version: 3;
  messageId: number;
  flags: number;
  engineId: Buffer;
  engineBoots: number;
  engineTime: number;
  userName: string;
  authParameters: Buffer;
  privParameters: Buffer;
  /** The plain scoped PDU with its tag, or the encrypted octets. */
  scopedPdu: Buffer;
};

export type CommunityMessage = { version: 1 | 2; community: string; pdu: Pdu };

/** RFC 1157 §4 and RFC 1901 §3: version-1(0), version-2c(1) */
const COMMUNITY_VERSIONS = { 0: 1, 1: 2 } as const;

export type ScopedPdu = { contextEngineId: Buffer; contextName: Buffer; pdu: Pdu };

/** @throws BerError at anything that is not SNMPv1, SNMPv2c or SNMPv3 */
export function decodeMessage(datagram: Buffer): CommunityMessage | V3Message {
  const body = new BerReader(datagram).sequence();
  const version = body.integer();
  if (version === 0 || version === 1) {
    const community = body.octets().toString('latin1');
    return { version: COMMUNITY_VERSIONS[version], community, pdu: decodePdu(body) };
  }
  if (version !== 3) throw new BerError(`SNMP version ${version}`);
  const header = body.sequence();
  const [messageId, _maxSize, [flags = 0]] = [header.integer(), header.integer(), header.octets()];
  const security = new BerReader(body.octets()).sequence();
  const message = {
    version: 3 as const,
    messageId,
    flags,
    engineId: security.octets(),
    engineBoots: security.integer(),
    engineTime: security.integer(),
    userName: security.octets().toString('latin1'),
    authParameters: security.octets(),
    privParameters: security.octets(),
  };
  const data = body.element();
  if (flags & FLAG.priv) {
    if (data.tag !== TAG.octetString) throw new BerError('an encrypted PDU that is no OCTET STRING');
    return { ...message, scopedPdu: data.content };
  }
  return { ...message, scopedPdu: encodeSequence([data.content], data.tag) };
}

export function encodeCommunityMessage({ version, community, pdu }: CommunityMessage): Buffer {
  return encodeSequence([encodeInteger(version - 1), encodeOctets(Buffer.from(community, 'latin1')), encodePdu(pdu)]);
}

export function encodeV3Message(message: V3Message): Buffer {
  const header = encodeSequence([
    encodeInteger(message.messageId),
    encodeInteger(MAX_SIZE),
    encodeOctets(Buffer.from([message.flags])),
    encodeInteger(USER_SECURITY_MODEL),
  ]);
  const security = encodeSequence([
    encodeOctets(message.engineId),
    encodeInteger(message.engineBoots),
    encodeInteger(message.engineTime),
    encodeOctets(Buffer.from(message.userName, 'latin1')),
    encodeOctets(message.authParameters),
    encodeOctets(message.privParameters),
  ]);
  const data = message.flags & FLAG.priv ? encodeOctets(message.scopedPdu) : message.scopedPdu;
  return encodeSequence([encodeInteger(3), header, encodeOctets(security), data]);
}

export function encodeScopedPdu({ contextEngineId, contextName, pdu }: ScopedPdu): Buffer {
  return encodeSequence([encodeOctets(contextEngineId), encodeOctets(contextName), encodePdu(pdu)]);
}

/** @throws BerError */
export function decodeScopedPdu(octets: Buffer): ScopedPdu {
  const body = new BerReader(octets).sequence();
  return { contextEngineId: body.octets(), contextName: body.octets(), pdu: decodePdu(body) };
}
