/** Basic Encoding Rules (X.690), as much as SNMP uses (RFC 3417 §8). */
export const TAG = {
  integer: 0x02,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
} as const;

export class BerError extends Error {
  readonly code = 'BER_INVALID';
}

/** Up to 65,535: more than a datagram holds. */
function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  if (length < 0x100) return Buffer.from([0x81, length]);
  return Buffer.from([0x82, length >> 8, length & 0xff]);
}

export function encode(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthOctets(content.length), content]);
}

export const encodeSequence = (parts: Buffer[], tag: number = TAG.sequence): Buffer =>
  encode(tag, Buffer.concat(parts));
export const encodeOctets = (octets: Buffer | string): Buffer => encode(TAG.octetString, Buffer.from(octets));

/** Two's complement in as few octets as it takes; the unsigned types of SNMP are written the same way. */
export function encodeInteger(value: number, tag: number = TAG.integer): Buffer {
  const octets = [value & 0xff];
  let rest = Math.floor(value / 256);
  const isDone = (): boolean => (rest === 0 && (octets[0] ?? 0) < 0x80) || (rest === -1 && (octets[0] ?? 0) >= 0x80);
  while (!isDone()) {
    octets.unshift(rest & 0xff);
    rest = Math.floor(rest / 256);
  }
  return encode(tag, Buffer.from(octets));
}

export function encodeOid(oid: string): Buffer {
  const [first = 0, second = 0, ...rest] = oid.split('.').map(Number);
  const octets: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift((left & 0x7f) | 0x80);
    octets.push(...groups);
  }
  return encode(TAG.oid, Buffer.from(octets));
}

/** Reads one element after the other from a buffer. Every method throws BerError at the first octet that does not fit. */
export class BerReader {
  readonly #buffer: Buffer;
  #offset = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#buffer.length;
  }

  element(): { tag: number; content: Buffer } {
    const tag = this.#octet();
    const first = this.#octet();
    let length = first;
    if (first >= 0x80) {
      length = 0;
      for (let i = 0; i < (first & 0x7f); i++) length = length * 256 + this.#octet();
    }
    if (length > this.#buffer.length - this.#offset) throw new BerError(`an element of ${length} octets is cut off`);
    const content = this.#buffer.subarray(this.#offset, this.#offset + length);
    this.#offset += length;
    return { tag, content };
  }

  expect(tag: number): Buffer {
    const found = this.element();
    if (found.tag !== tag) throw new BerError(`tag ${found.tag} where ${tag} is due`);
    return found.content;
  }

  sequence(tag: number = TAG.sequence): BerReader {
    return new BerReader(this.expect(tag));
  }

  integer(): number {
    return readInteger(this.expect(TAG.integer));
  }

  octets(): Buffer {
    return this.expect(TAG.octetString);
  }

  #octet(): number {
    const octet = this.#buffer[this.#offset++];
    if (octet === undefined) throw new BerError('the message ends too early');
    return octet;
  }
}

export function readInteger(content: Buffer): number {
  if (content.length < 1 || content.length > 5) throw new BerError(`an integer of ${content.length} octets`);
  return content.readIntBE(0, content.length);
}

export function readOid(content: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of content) {
    arc = arc * 128 + (octet & 0x7f);
    if (octet >= 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [head = 0, ...rest] = arcs;
  const first = Math.min(Math.floor(head / 40), 2);
  return [first, head - first * 40, ...rest].join('.');
}
