import type { SnmpValue } from './decode.ts';
import type { Decoder } from './profile.ts';

/** As decode.ts writes a code that a vendor does not publish. */
export const CODE_PATTERN = /^CODE_([0-9A-F]{2,8})$/;

/** What stands on the wire: an ASN.1 type and a value of it. */
export type WireValue = { syntax: 'INTEGER'; value: number } | { syntax: 'OCTET STRING'; value: string };

/** The display's values by OID. */
export type ReadOther = (oid: string) => SnmpValue;

/** The number on the wire for a text, or null. */
function keyOf(values: Readonly<Record<string, string>>, text: unknown): string | null {
  return Object.entries(values).find(([, known]) => known === text)?.[0] ?? null;
}

function levelOf(
  percent: number,
  { of, most }: Extract<Decoder, { as: 'share' }>,
  readOther: ReadOther,
): number | null {
  const levels = readOther(of);
  if (levels.kind !== 'number' || levels.value < 1 || levels.value > most) return null;
  // A little light is not none: level 0 is off.
  return percent === 0 ? 0 : Math.max(1, Math.round((percent * levels.value) / 100));
}

/**
 * What stands on the wire for a value in the graph's units, as `decoder` would read it; null where that can't be told.
 * Numbers are an INTEGER's, text is an OCTET STRING's.
 */
export function encode(value: unknown, decoder: Decoder, readOther: ReadOther): number | string | null {
  switch (decoder.as) {
    case 'number':
      return typeof value === 'number' ? Math.round(value * decoder.divisor) : null;
    case 'share':
      return typeof value === 'number' ? levelOf(value, decoder, readOther) : null;
    case 'hexNumber':
      return typeof value === 'number' ? value.toString(16).padStart(2, '0') : null;
    case 'choice': {
      const key = keyOf(decoder.values, value);
      return key === null ? null : Number(key);
    }
    case 'hexChoice': {
      const code = decoder.unlisted === 'showCode' ? CODE_PATTERN.exec(String(value))?.[1]?.toLowerCase() : undefined;
      return keyOf(decoder.values, value) ?? code ?? null;
    }
    case 'text':
      return typeof value === 'string' ? value : null;
    default:
      return decoder satisfies never;
  }
}

/** What was encoded, as it is when it is read back. */
export const asRead = (encoded: number | string): SnmpValue =>
  typeof encoded === 'number' ? { kind: 'number', value: encoded } : { kind: 'octets', value: Buffer.from(encoded) };
