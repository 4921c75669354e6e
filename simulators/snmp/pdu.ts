import {
  BerError,
  BerReader,
  encode,
  encodeInteger,
  encodeOctets,
  encodeOid,
  encodeSequence,
  readInteger,
  readOid,
  TAG,
} from './ber.ts';

/** RFC 3416 §3: types of PDU by their tags. */
export const PDU = { get: 0xa0, getNext: 0xa1, response: 0xa2, set: 0xa3, getBulk: 0xa5, report: 0xa8 } as const;

/** RFC 3416 §3: error-status. */
export const ERROR_STATUS = {
  noError: 0,
  tooBig: 1,
  noSuchName: 2,
  badValue: 3,
  readOnly: 4,
  genErr: 5,
  noAccess: 6,
  wrongType: 7,
  wrongLength: 8,
  wrongEncoding: 9,
  wrongValue: 10,
  noCreation: 11,
  inconsistentValue: 12,
  resourceUnavailable: 13,
  commitFailed: 14,
  undoFailed: 15,
  authorizationError: 16,
  notWritable: 17,
  inconsistentName: 18,
} as const;

export type SnmpData =
  | { syntax: 'INTEGER' | 'Counter32' | 'Gauge32' | 'TimeTicks'; value: number }
  | { syntax: 'OCTET STRING'; value: Buffer }
  | { syntax: 'OBJECT IDENTIFIER'; value: string }
  | { syntax: 'NULL' | 'noSuchObject' | 'noSuchInstance' | 'endOfMibView' };

export type Varbind = { oid: string; data: SnmpData };

export type Pdu = {
  type: number;
  requestId: number;
  /** non-repeaters in a GetBulkRequest */
  errorStatus: number;
  /** max-repetitions in a GetBulkRequest */
  errorIndex: number;
  varbinds: Varbind[];
};

const NUMBER_TAGS = { INTEGER: TAG.integer, Counter32: 0x41, Gauge32: 0x42, TimeTicks: 0x43 } as const;
const EMPTY_TAGS = { NULL: TAG.null, noSuchObject: 0x80, noSuchInstance: 0x81, endOfMibView: 0x82 } as const;

function encodeData(data: SnmpData): Buffer {
  switch (data.syntax) {
    case 'OCTET STRING':
      return encodeOctets(data.value);
    case 'OBJECT IDENTIFIER':
      return encodeOid(data.value);
    case 'INTEGER':
    case 'Counter32':
    case 'Gauge32':
    case 'TimeTicks':
      return encodeInteger(data.value, NUMBER_TAGS[data.syntax]);
    default:
      return encode(EMPTY_TAGS[data.syntax], Buffer.alloc(0));
  }
}

function decodeData(tag: number, content: Buffer): SnmpData {
  if (tag === TAG.octetString) return { syntax: 'OCTET STRING', value: content };
  if (tag === TAG.oid) return { syntax: 'OBJECT IDENTIFIER', value: readOid(content) };
  if (tag === TAG.null) return { syntax: 'NULL' };
  for (const syntax of ['INTEGER', 'Counter32', 'Gauge32', 'TimeTicks'] as const) {
    if (tag === NUMBER_TAGS[syntax]) return { syntax, value: readInteger(content) };
  }
  throw new BerError(`a value with tag ${tag}`);
}

export function encodePdu(pdu: Pdu): Buffer {
  const varbinds = pdu.varbinds.map(({ oid, data }) => encodeSequence([encodeOid(oid), encodeData(data)]));
  const numbers = [pdu.requestId, pdu.errorStatus, pdu.errorIndex].map((value) => encodeInteger(value));
  return encodeSequence([...numbers, encodeSequence(varbinds)], pdu.type);
}

/** @throws BerError */
export function decodePdu(reader: BerReader): Pdu {
  const { tag, content } = reader.element();
  const body = new BerReader(content);
  const [requestId, errorStatus, errorIndex] = [body.integer(), body.integer(), body.integer()];
  const list = body.sequence();
  const varbinds: Varbind[] = [];
  while (!list.isAtEnd) {
    const varbind = list.sequence();
    const oid = readOid(varbind.expect(TAG.oid));
    const value = varbind.element();
    varbinds.push({ oid, data: decodeData(value.tag, value.content) });
  }
  return { type: tag, requestId, errorStatus, errorIndex, varbinds };
}
