import type { Variable } from '../snmp/mib-view.ts';
import { ERROR_STATUS, type SnmpData } from '../snmp/pdu.ts';
import type { DisplaySubject } from './values.ts';

export const integer = (value: number): SnmpData => ({ syntax: 'INTEGER', value });
export const octets = (text: string): SnmpData => ({ syntax: 'OCTET STRING', value: Buffer.from(text) });

/** MIB-2's system group (RFC 3418), as far as a display has it. */
export function systemGroup(options: { sysDescr: string; sysObjectID: string }): Variable<DisplaySubject>[] {
  const system = '1.3.6.1.2.1.1';
  return [
    { oid: `${system}.1.0`, read: () => octets(options.sysDescr) },
    { oid: `${system}.2.0`, read: () => ({ syntax: 'OBJECT IDENTIFIER', value: options.sysObjectID }) },
    {
      oid: `${system}.3.0`,
      // TimeTicks are hundredths of a second.
      read: ({ startedAtMs }) => ({
        syntax: 'TimeTicks',
        value: Math.floor((performance.now() - startedAtMs) / 10) % 2 ** 32,
      }),
    },
    { oid: `${system}.5.0`, read: ({ identity }) => octets(identity.name), write: setName },
  ];
}

/** Sets the display's name, by sysName or by a vendor's own object. */
export function setName(subject: DisplaySubject, data: SnmpData): (() => void) | number {
  if (data.syntax !== 'OCTET STRING') return ERROR_STATUS.wrongType;
  const name = data.value.toString();
  if (name.length > 64) return ERROR_STATUS.wrongValue;
  return () => {
    subject.identity = { ...subject.identity, name };
  };
}
