import type { Stamp } from '@wheelhouse/kit/actor.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import { archivedBefore, type Day, startOf } from './rules.ts';
import { findArchivedDay } from './store/archive-days.ts';
import { sealDay } from './store/seal.ts';
import { findSampledServices } from './store/services.ts';
import { isAskable } from './time-range.ts';

const MAX_REASON_CHARACTERS = 500;

/** What the caller can mend. */
export type ArchiveFault = { field: string | null; code: 'INVALID' | 'NOT_FOUND' | 'CONFLICT'; message: string };

/** Seals a day although a service is missing. @returns why it can't be, or null when it is sealed */
export async function sealByHand(
  db: Database,
  input: { day: Day; reason: string },
  by: Stamp,
): Promise<ArchiveFault | null> {
  const { day } = input;
  const { at } = by;
  const reason = input.reason.trim();
  const fault = (code: ArchiveFault['code'], message: string, field = 'input.day') => ({ field, code, message });
  if (reason.length < 1 || reason.length > MAX_REASON_CHARACTERS || reason.includes('\0')) {
    const message = `A reason has 1 to ${MAX_REASON_CHARACTERS} characters, none of them U+0000; this one has ${reason.length}`;
    return fault('INVALID', message, 'input.reason');
  }
  if (!isAskable(startOf(day).getTime()))
    return fault('INVALID', `A day lies in the years 1970 to 2999, and this is ${day}`);
  if (startOf(day) >= archivedBefore(at))
    return fault('INVALID', `${day} is not over: a day can be sealed half an hour after its end, UTC`);
  const held = await findArchivedDay(db, day);
  if (held === null)
    return fault('NOT_FOUND', `The archive has no ${day}: no service took samples before or on that day`);
  if (held.sealedAt !== null) return fault('CONFLICT', `${day} is sealed already`);
  const services = await findSampledServices(db);
  const [obstacle] = await sealDay(db, services, { day, now: at, overruling: { by, reason } });
  if (obstacle === undefined) return null;
  return fault('CONFLICT', `${day} can't be sealed yet: ${obstacle.text}; they are gathered every hour`);
}
