import { type Finding, findingOfUnanswered } from '@wheelhouse/contracts/observations.ts';
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
export const findingOf = (look: Look): Finding =>
  look.kind === 'answered' ? { kind: 'ANSWERED', problems: [] } : findingOfUnanswered(look);

/** A look's tries and how many of them had no answer; null for one that could not be taken, which says nothing of the device. */
export function tallyOf(look: Look): { sent: number; lost: number } | null {
  if (look.kind === 'couldNotLook') return null;
  return { sent: look.sent, lost: look.kind === 'answered' ? look.sent - 1 : look.sent };
}
