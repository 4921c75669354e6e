import type { Decoder } from './profile.ts';

/** A varbind's value, free of any library. `missing` is noSuchObject, noSuchInstance, or an agent's refusal of this one OID. */
export type SnmpValue =
  | { kind: 'number'; value: number }
  | { kind: 'octets'; value: Uint8Array }
  | { kind: 'oid'; value: string }
  | { kind: 'other'; syntax: string }
  | { kind: 'missing' };

/** `missing`: the display says it has no such thing. `undecodable`: it sent what its profile does not allow; `text` says what. */
export type Decoded =
  | { kind: 'value'; value: number | string }
  | { kind: 'missing' }
  | { kind: 'undecodable'; text: string };

const MISSING: Decoded = { kind: 'missing' };
const SHOWN_CHARACTERS = 32;
const utf8 = new TextDecoder('utf-8', { fatal: true });

function readText(octets: Uint8Array): string | null {
  try {
    // Embedded agents end strings with NUL bytes or fill them up with blanks.
    const text = utf8.decode(octets).replace(/\0+$/, '').trim();
    return /\p{Cc}/u.test(text) ? null : text;
  } catch {
    return null;
  }
}

/** What was sent, short and printable, for a human to judge. */
function show(raw: SnmpValue): string {
  if (raw.kind === 'number' || raw.kind === 'oid') return String(raw.value);
  if (raw.kind === 'other') return `a value of type ${raw.syntax}`;
  if (raw.kind === 'missing') return 'nothing';
  const text = readText(raw.value);
  if (text === null) return `octets ${Buffer.from(raw.value.subarray(0, 8)).toString('hex')}`;
  return JSON.stringify(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);
}

const refuse = (raw: SnmpValue, wanted: string): Decoded => ({
  kind: 'undecodable',
  text: `${show(raw)} where ${wanted} is due`,
});

function hexText(raw: SnmpValue, missing: string[]): string | Decoded {
  const text = raw.kind === 'octets' ? readText(raw.value) : null;
  if (text === null) return refuse(raw, 'hexadecimal text');
  if (missing.includes(text)) return MISSING;
  return /^[0-9a-f]{1,8}$/i.test(text) ? text.toLowerCase().padStart(2, '0') : refuse(raw, 'hexadecimal text');
}

type By<As extends Decoder['as']> = Extract<Decoder, { as: As }>;

function numberOf(raw: SnmpValue, { min, max, divisor, missing }: By<'number'>): Decoded {
  if (raw.kind !== 'number') return refuse(raw, 'a number');
  if (missing.includes(raw.value)) return MISSING;
  if (!Number.isInteger(raw.value) || raw.value < min || raw.value > max) {
    return refuse(raw, `a number from ${min} to ${max}`);
  }
  return { kind: 'value', value: raw.value / divisor };
}

function shareOf(raw: SnmpValue, { most }: By<'share'>, whole: SnmpValue): Decoded {
  if (whole.kind === 'missing') return MISSING;
  if (whole.kind !== 'number' || !Number.isInteger(whole.value) || whole.value < 1 || whole.value > most) {
    return { kind: 'undecodable', text: `a share of ${show(whole)} where a number from 1 to ${most} is due` };
  }
  const level = numberOf(raw, { as: 'number', min: 0, max: whole.value, divisor: 1, missing: [] });
  return level.kind === 'value' ? { kind: 'value', value: (Number(level.value) * 100) / whole.value } : level;
}

function hexNumberOf(raw: SnmpValue, { min, max, missing }: By<'hexNumber'>): Decoded {
  const text = hexText(raw, missing);
  if (typeof text !== 'string') return text;
  const value = Number.parseInt(text, 16);
  return value < min || value > max
    ? refuse(raw, `a hexadecimal number from ${min} to ${max}`)
    : { kind: 'value', value };
}

function choiceOf(raw: SnmpValue, { values, others }: By<'choice'>): Decoded {
  if (raw.kind !== 'number') return refuse(raw, 'a number');
  const isOther = others !== undefined && Number.isInteger(raw.value) && raw.value >= 0 && raw.value <= others.most;
  const value = values[String(raw.value)] ?? (isOther ? others.text : undefined);
  if (value !== undefined) return { kind: 'value', value };
  return refuse(raw, others ? `a number from 0 to ${others.most}` : `one of ${Object.keys(values).join(', ')}`);
}

function hexChoiceOf(raw: SnmpValue, { values, unlisted, missing }: By<'hexChoice'>): Decoded {
  const text = hexText(raw, missing);
  if (typeof text !== 'string') return text;
  const value = values[text];
  if (value !== undefined) return { kind: 'value', value };
  return unlisted === 'showCode'
    ? { kind: 'value', value: `CODE_${text.toUpperCase()}` }
    : refuse(raw, `one of ${Object.keys(values).join(', ')}`);
}

function textOf(raw: SnmpValue, { maxLength, missing }: By<'text'>): Decoded {
  const text = raw.kind === 'octets' ? readText(raw.value) : null;
  if (text === null) return refuse(raw, 'text');
  if (text === '' || missing.includes(text)) return MISSING;
  return text.length > maxLength
    ? refuse(raw, `text of at most ${maxLength} characters`)
    : { kind: 'value', value: text };
}

/** What a value on the wire means under a profile's decoder. `readOther`: the other values of the same answer. */
export function decode(raw: SnmpValue, by: Decoder, readOther: (oid: string) => SnmpValue): Decoded {
  if (raw.kind === 'missing') return MISSING;
  switch (by.as) {
    case 'number':
      return numberOf(raw, by);
    case 'share':
      return shareOf(raw, by, readOther(by.of));
    case 'hexNumber':
      return hexNumberOf(raw, by);
    case 'choice':
      return choiceOf(raw, by);
    case 'hexChoice':
      return hexChoiceOf(raw, by);
    case 'text':
      return textOf(raw, by);
    default:
      return by satisfies never;
  }
}
