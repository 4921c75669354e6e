import * as snmp from 'net-snmp';
import type { SnmpValue } from '../profiles/decode.ts';
import { SnmpFailure } from './failure.ts';

/** What is wrong with an answer. Two of net-snmp's own texts tell what must not be told: the digests, and the community. */
function textOf({ code, message }: snmp.ResponseInvalidError): string {
  if (message.startsWith('Authentication digest')) return 'the answer is signed with another key';
  return code === snmp.ResponseInvalidCode.ECommunityNoMatch ? 'the answer has another community' : message;
}

/** What an error of net-snmp, or of the socket under it, means. */
export function failureOf(err: Error): SnmpFailure {
  if (err instanceof SnmpFailure) return err;
  const because = { cause: err };
  if (err.name === 'RequestTimedOutError') return new SnmpFailure('NO_ANSWER', 'no answer', because);
  if (err instanceof snmp.RequestFailedError) {
    const code = err.status === snmp.ErrorStatus.NoSuchName ? 'NO_SUCH_NAME' : 'AGENT_REFUSED';
    // It tells the error-index by the object's name at the end of its message only: "NoSuchName: 1.3.6.1".
    const blamedOid = /: ([\d.]+)$/.exec(err.message)?.[1];
    // An error-status that it does not know comes out as a text; RFC 3416 ends at inconsistentName(18).
    const errorStatus = typeof err.status === 'number' ? err.status : snmp.ErrorStatus.GeneralError;
    return new SnmpFailure(code, err.message, { ...because, blamedOid, errorStatus });
  }
  if (err instanceof snmp.ResponseInvalidError) {
    // usmStatsNotInTimeWindows and usmStatsUnknownEngineIDs (RFC 3414 §5) say nothing of the credentials.
    if (/time window|unknown engine/i.test(err.message)) {
      return new SnmpFailure('ENGINE_OUT_OF_STEP', err.message, because);
    }
    const text = textOf(err);
    const isUsm = err.code === snmp.ResponseInvalidCode.EAuthFailure;
    return new SnmpFailure(isUsm ? 'CREDENTIALS_REJECTED' : 'MALFORMED_ANSWER', text, because);
  }
  const code = 'code' in err && typeof err.code === 'string' ? err.code : null;
  // Both are what the network says of a display that is off: nothing listens, or (on the same LAN) nobody answers ARP.
  if (code === 'ECONNREFUSED') return new SnmpFailure('NO_ANSWER', 'port unreachable', because);
  if (code === 'EHOSTUNREACH') return new SnmpFailure('NO_ANSWER', 'host unreachable', because);
  if (code !== null && /^E[A-Z]+$/.test(code)) return new SnmpFailure('NETWORK_ERROR', err.message, because);
  return new SnmpFailure('INVALID_TARGET', `the request can't be made: ${err.message}`, because);
}

const NUMBERS: readonly unknown[] = [
  snmp.ObjectType.Integer,
  snmp.ObjectType.Counter32,
  snmp.ObjectType.Gauge32,
  snmp.ObjectType.TimeTicks,
];

export function readVarbind(varbind: snmp.Varbind): SnmpValue {
  const { type, value } = varbind;
  if (snmp.isVarbindError(varbind)) return { kind: 'missing' };
  if (NUMBERS.includes(type) && typeof value === 'number') return { kind: 'number', value };
  if (type === snmp.ObjectType.OctetString && Buffer.isBuffer(value)) return { kind: 'octets', value };
  if (type === snmp.ObjectType.OID && typeof value === 'string') return { kind: 'oid', value };
  return { kind: 'other', syntax: (type !== undefined && snmp.ObjectType[type]) || 'unknown' };
}
