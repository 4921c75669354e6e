import { type Finding, findingOfUnanswered } from '@wheelhouse/contracts/observations.ts';
import { z } from 'zod';
import type { Look, SnmpTarget } from './snmp.ts';

const targetShape = z.object({
  host: z.string(),
  port: z.number(),
  version: z.enum(['V1', 'V2C', 'V3']),
  community: z.string().exactOptional(),
  user: z.string().exactOptional(),
  authProtocol: z.enum(['MD5', 'SHA', 'SHA224', 'SHA256', 'SHA384', 'SHA512']).exactOptional(),
  authKey: z.string().exactOptional(),
  privProtocol: z.enum(['DES', 'AES', 'AES256B', 'AES256R']).exactOptional(),
  privKey: z.string().exactOptional(),
  profile: z.string().exactOptional(),
});

/** The target that a registry item describes. @throws ZodError for one that a newer registry wrote */
export const targetOf = (connection: Record<string, unknown>, secrets: Record<string, unknown>): SnmpTarget =>
  targetShape.parse({ ...connection, ...secrets });

/** What the status engine is told of a look. */
export const findingOf = (look: Look): Finding =>
  look.kind === 'answered' ? { kind: 'ANSWERED', problems: look.state.problems } : findingOfUnanswered(look);

/** An agent discards a message whose community it does not know (RFC 1157 section 4.1, kept by RFC 1901): nobody can tell the two apart. */
export const explainSilence = (look: Look, version: SnmpTarget['version']): Look =>
  look.kind === 'silent' && version !== 'V3'
    ? { ...look, detail: `${look.detail} (an agent is silent to a wrong community too)` }
    : look;
