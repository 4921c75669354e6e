import { decodeMessage, encodeCommunityMessage } from '@wheelhouse/simulators/snmp/message.ts';
import { PDU } from '@wheelhouse/simulators/snmp/pdu.ts';
import { describe, expect, it } from 'vitest';
import { requestOf } from './request-template.ts';

/** A GET encoded by the simulators, which share no code with net-snmp. */
const encodeGet =
  (oids: readonly string[], community: string) =>
  (requestId: number): Buffer => {
    const varbinds = oids.map((oid) => ({ oid, data: { syntax: 'NULL' } as const }));
    return encodeCommunityMessage({
      version: 2,
      community,
      pdu: { type: PDU.get, requestId, errorStatus: 0, errorIndex: 0, varbinds },
    });
  };

const FEW = ['1.3.6.1.2.1.1.1.0'];
const MANY = Array.from({ length: 40 }, (_, index) => `1.3.6.1.4.1.32473.1.1.${index}.0`);

describe('a request that was encoded once', () => {
  // Lengths of more than 127 octets take more octets to write.
  it.each([
    ['few objects', FEW, 'public'],
    ['many objects', MANY, 'public'],
    ['a long community', FEW, 'c'.repeat(200)],
    ['many objects and a long community', MANY, 'c'.repeat(300)],
    ['a community that looks like an id', FEW, '\u0002\u0004\u0001\u0001\u0001\u0001'],
  ])('is what encoding it anew would give, with %s', (_name, oids, community) => {
    const encode = encodeGet(oids, community);
    for (let look = 0; look < 50; look += 1) {
      const { id, octets } = requestOf(oids, community, encode);
      expect(octets).toEqual(encode(id));
    }
  });

  it('is encoded once for each list of objects and community', () => {
    let encoded = 0;
    const ask = (oids: string[], community: string) =>
      requestOf(oids, community, (id) => {
        encoded += 1;
        return encodeGet(oids, community)(id);
      });
    const oids = [...FEW];
    for (const community of ['one', 'two', 'one', 'two']) {
      const message = decodeMessage(ask(oids, community).octets);
      expect(message).toMatchObject({ community, pdu: { varbinds: [{ oid: FEW[0] }] } });
    }
    expect(encoded).toBe(2);
    ask([...FEW], 'one');
    expect(encoded).toBe(3);
  });

  it('has another id each time, and never the octets of another request', () => {
    const oids = [...FEW];
    const asked = Array.from({ length: 200 }, () => requestOf(oids, 'public', encodeGet(oids, 'public')));
    expect(new Set(asked.map(({ id }) => id)).size).toBe(200);
    for (const { id, octets } of asked) expect(decodeMessage(octets)).toMatchObject({ pdu: { requestId: id } });
  });
});
