import type { Finding } from '@wheelhouse/contracts/observations.ts';
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
export function findingOf(look: Look): Finding {
  switch (look.kind) {
    case 'answered':
      return { kind: 'ANSWERED', problems: look.state.problems };
    case 'silent':
      return { kind: 'SILENT', detail: problemOf(look) ?? '' };
    case 'couldNotLook':
      return { kind: 'COULD_NOT_LOOK', detail: problemOf(look) ?? '' };
    default:
      return look satisfies never;
  }
}

const PROBLEM_CHARACTERS = 300;

/** It may quote what came over the network, and PostgreSQL refuses a whole chunk for one NUL or half a character in it. */
const printable = (text: string): string =>
  text
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, PROBLEM_CHARACTERS)
    .toWellFormed();

/** Why a look has no answer, for people; null when it has one. */
export function problemOf(look: Look): string | null {
  if (look.kind === 'answered') return null;
  return printable(look.kind === 'silent' ? look.detail : `${look.cause.code}: ${look.cause.text}`);
}

/** An agent discards a message whose community it does not know (RFC 1157 section 4.1, kept by RFC 1901): nobody can tell the two apart. */
export const explainSilence = (look: Look, version: SnmpTarget['version']): Look =>
  look.kind === 'silent' && version !== 'V3'
    ? { ...look, detail: `${look.detail} (an agent is silent to a wrong community too)` }
    : look;
