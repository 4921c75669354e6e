import { randomInt } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** A request as net-snmp encoded it, and where in it the four octets of its id are. */
type Template = { octets: Buffer; idAt: number };

/** Ids that take four octets in BER: what is encoded once fits them all. */
const LEAST_ID = 2 ** 24;
const MOST_ID = 2 ** 31 - 1;
/** More than one estate has communities. */
const REMEMBERED_COMMUNITIES = 1_000;

/** Where the content of the BER element at `at` begins, and where the next element does. */
function elementAt(octets: Buffer, at: number): { content: number; end: number } {
  const first = octets.readUInt8(at + 1);
  if (first < 0x80) return { content: at + 2, end: at + 2 + first };
  const size = first & 0x7f;
  const content = at + 2 + size;
  return { content, end: content + octets.readUIntBE(at + 2, size) };
}

/** Message ::= SEQUENCE { version, community, PDU }, and a PDU begins with its request-id (RFC 3416 section 3). */
function idPlace(octets: Buffer): number {
  const version = elementAt(octets, elementAt(octets, 0).content);
  const community = elementAt(octets, version.end);
  return elementAt(octets, elementAt(octets, community.end).content).content;
}

const byOids = new WeakMap<readonly string[], LRUCache<string, Template>>();

/**
 * A message of SNMPv2c, encoded, with a new id. All looks with one profile and community send the same but for the id, so it is
 * encoded once for each list of OIDs (known by its identity) and community. An SNMPv1 agent is asked only for what it has: another
 * list for each.
 *
 * @param encode the message with the given id, as net-snmp encodes it
 */
export function requestOf(
  oids: readonly string[],
  community: string,
  encode: (id: number) => Buffer,
): { id: number; octets: Buffer } {
  const id = randomInt(LEAST_ID, MOST_ID);
  const templates = byOids.get(oids) ?? new LRUCache<string, Template>({ max: REMEMBERED_COMMUNITIES });
  byOids.set(oids, templates);
  let template = templates.get(community);
  if (template === undefined) {
    const octets = encode(id);
    template = { octets, idAt: idPlace(octets) };
    templates.set(community, template);
  }
  const octets = Buffer.from(template.octets);
  octets.writeUInt32BE(id, template.idAt);
  return { id, octets };
}
