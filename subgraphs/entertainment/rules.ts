import type { Finding } from '@wheelhouse/contracts/observations.ts';
import { z } from 'zod';
import type { Look, PingTarget } from './ping.ts';

/** lossRatio is over this many looks: at a look a minute what it says is of the last ten minutes. */
export const LOOKS_IN_WINDOW = 10;

const targetShape = z.discriminatedUnion('method', [
  z.object({ method: z.literal('ICMP'), host: z.string() }),
  z.object({ method: z.literal('TCP'), host: z.string(), port: z.number() }),
]);

/** The target that a registry item describes. @throws ZodError for one that a newer registry wrote */
export const targetOf = (connection: Record<string, unknown>): PingTarget => targetShape.parse(connection);

/** The same for whoever asks for it; null where it can't be read, or nothing is known. */
export function readableTarget(
  connection: Record<string, unknown> | undefined,
): { host: string; method: PingTarget['method']; port: number | null } | null {
  const { success, data } = targetShape.safeParse(connection);
  return success ? { host: data.host, method: data.method, port: data.method === 'TCP' ? data.port : null } : null;
}

/** What the status engine is told of a look. */
export function findingOf(look: Look): Finding {
  switch (look.kind) {
    case 'answered':
      return { kind: 'ANSWERED', problems: [] };
    case 'silent':
      return { kind: 'SILENT', detail: problemOf(look) ?? '' };
    case 'couldNotLook':
      return { kind: 'COULD_NOT_LOOK', detail: problemOf(look) ?? '' };
    default:
      return look satisfies never;
  }
}

/** A look's tries and how many of them had no answer; null for one that could not be taken, which says nothing of the device. */
export function tallyOf(look: Look): { sent: number; lost: number } | null {
  if (look.kind === 'couldNotLook') return null;
  return { sent: look.sent, lost: look.kind === 'answered' ? look.sent - 1 : look.sent };
}

const PROBLEM_CHARACTERS = 300;

/** It may quote what a program or the network said, and PostgreSQL refuses a whole chunk for one NUL or half a character in it. */
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
