import { z } from 'zod';
import type { Answer } from '../snmp/agent.ts';
import type { Pdu, SnmpData } from '../snmp/pdu.ts';
import { controlFaultSchemas, isControlFault } from './control-faults.ts';

const MALFORMED_STYLES = ['truncated', 'randomBytes', 'wrongRequestId', 'hugeLength', 'flippedBytes'] as const;
const WRONG_VALUE_STYLES = ['outOfRange', 'garbageText', 'wrongType'] as const;

/** What is the matter with a display. Without a `style`, each answer draws one. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** Answers nothing. */
  z.strictObject({ kind: z.literal('silent') }),
  /** Answers late. */
  z.strictObject({ kind: z.literal('slow'), delayMs: z.number().int().min(1).max(600_000) }),
  /** Sound SNMP with impossible values; MIB-2's system group stays sound. */
  z.strictObject({ kind: z.literal('wrongValues'), style: z.enum(WRONG_VALUE_STYLES).optional() }),
  /** Something that is no answer to the request. */
  z.strictObject({ kind: z.literal('malformed'), style: z.enum(MALFORMED_STYLES).optional() }),
  ...controlFaultSchemas,
]);

export type Fault = z.infer<typeof faultSchema>;
type MalformedStyle = (typeof MALFORMED_STYLES)[number];
type WrongValueStyle = (typeof WRONG_VALUE_STYLES)[number];
type Random = () => number;

const below = (random: Random, limit: number): number => Math.floor(random() * limit);
const draw = <T>(random: Random, [first, ...rest]: readonly [T, ...T[]]): T =>
  rest[below(random, rest.length + 1) - 1] ?? first;
const randomBytes = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => below(random, 256)));

const spoilValue: Record<WrongValueStyle, (data: SnmpData, random: Random) => SnmpData> = {
  outOfRange: (data) => {
    switch (data.syntax) {
      case 'OCTET STRING':
        return { ...data, value: Buffer.from('FFFFFF'.repeat(20)) };
      case 'INTEGER':
      case 'Gauge32':
      case 'Counter32':
      case 'TimeTicks':
        return { ...data, value: 2_000_000_000 };
      default:
        return data;
    }
  },
  garbageText: (_data, random) => ({ syntax: 'OCTET STRING', value: randomBytes(random, 1 + below(random, 40)) }),
  wrongType: (data) =>
    data.syntax === 'OCTET STRING'
      ? { syntax: 'INTEGER', value: 7 }
      : { syntax: 'OCTET STRING', value: Buffer.from('7') },
};

const ENTERPRISES = '1.3.6.1.4.1.';

function spoilValues(pdu: Pdu, style: WrongValueStyle, random: Random): Pdu {
  const varbinds = pdu.varbinds.map((varbind) => {
    const hasValue = 'value' in varbind.data && varbind.oid.startsWith(ENTERPRISES);
    return hasValue ? { ...varbind, data: spoilValue[style](varbind.data, random) } : varbind;
  });
  return { ...pdu, varbinds };
}

const spoilOctets: Record<MalformedStyle, (answer: Answer, random: Random) => Buffer> = {
  truncated: ({ octets }, random) => octets.subarray(0, below(random, octets.length)),
  randomBytes: (_answer, random) => randomBytes(random, 1 + below(random, 1_400)),
  wrongRequestId: ({ remake }, random) =>
    remake((pdu) => ({ ...pdu, requestId: pdu.requestId + 1 + below(random, 1_000) })),
  hugeLength: ({ octets }, random) => {
    // In the message's head, where it can't be taken for a changed value.
    const at = below(random, Math.min(octets.length, 12));
    return Buffer.concat([
      octets.subarray(0, at),
      Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]),
      octets.subarray(at),
    ]);
  },
  flippedBytes: ({ octets }, random) => {
    const spoiled = Buffer.from(octets);
    for (let i = 0; i <= below(random, 8); i++) spoiled[below(random, spoiled.length)] = below(random, 256);
    return spoiled;
  },
};

/** What a display with this fault sends for a sound answer, and how much later; null: nothing. */
export function spoil(answer: Answer, fault: Fault | null, random: Random): { octets: Buffer; delayMs: number } | null {
  if (fault === null || isControlFault(fault)) return { octets: answer.octets, delayMs: 0 };
  switch (fault.kind) {
    case 'silent':
      return null;
    case 'slow':
      return { octets: answer.octets, delayMs: fault.delayMs };
    case 'wrongValues': {
      const style = fault.style ?? draw(random, WRONG_VALUE_STYLES);
      return { octets: answer.remake((pdu) => spoilValues(pdu, style, random)), delayMs: 0 };
    }
    case 'malformed': {
      const style = fault.style ?? draw(random, MALFORMED_STYLES);
      return { octets: spoilOctets[style](answer, random), delayMs: 0 };
    }
    default:
      return fault satisfies never;
  }
}
