import { ERROR_STATUS, PDU, type Pdu } from './pdu.ts';

/** RFC 3584 §4.4: what SNMPv1 says for an error-status of SNMPv2; the statuses that it does not list are its own. */
const STATUS = new Map<number, number>([
  [ERROR_STATUS.wrongType, ERROR_STATUS.badValue],
  [ERROR_STATUS.wrongLength, ERROR_STATUS.badValue],
  [ERROR_STATUS.wrongEncoding, ERROR_STATUS.badValue],
  [ERROR_STATUS.wrongValue, ERROR_STATUS.badValue],
  [ERROR_STATUS.inconsistentValue, ERROR_STATUS.badValue],
  [ERROR_STATUS.noAccess, ERROR_STATUS.noSuchName],
  [ERROR_STATUS.noCreation, ERROR_STATUS.noSuchName],
  [ERROR_STATUS.authorizationError, ERROR_STATUS.noSuchName],
  [ERROR_STATUS.notWritable, ERROR_STATUS.noSuchName],
  [ERROR_STATUS.inconsistentName, ERROR_STATUS.noSuchName],
  [ERROR_STATUS.resourceUnavailable, ERROR_STATUS.genErr],
  [ERROR_STATUS.commitFailed, ERROR_STATUS.genErr],
  [ERROR_STATUS.undoFailed, ERROR_STATUS.genErr],
]);

/**
 * What an SNMPv1 agent answers where an SNMPv2 one would answer `response`, or null where it is silent. The first object that
 * cannot be shown voids the whole reply: noSuchName, and the request's own varbinds (RFC 1157 §4.1.2).
 */
export function asVersion1(request: Pdu, response: Pdu | null): Pdu | null {
  // RFC 1157 §4: there is no GetBulkRequest.
  if (response === null || request.type === PDU.getBulk) return null;
  const lacking = response.varbinds.findIndex(({ data }) => data.syntax !== 'NULL' && !('value' in data));
  if (lacking >= 0) {
    const { requestId, varbinds } = request;
    return {
      type: PDU.response,
      requestId,
      errorStatus: ERROR_STATUS.noSuchName,
      errorIndex: lacking + 1,
      varbinds,
    };
  }
  return { ...response, errorStatus: STATUS.get(response.errorStatus) ?? response.errorStatus };
}
