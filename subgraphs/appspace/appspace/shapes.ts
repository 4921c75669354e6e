import { z } from 'zod';
import { type Player, stateOf } from '../rules.ts';

const TEXT_CHARACTERS = 200;

/** As PostgreSQL can hold it, in one line, or null for nothing. */
function printable(text: string): string | null {
  const line = text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, TEXT_CHARACTERS)
    .toWellFormed();
  return line === '' ? null : line;
}

/** A text, or a number in its place; null for anything else. */
const text = z
  .union([z.string(), z.number()])
  .transform((value) => printable(String(value)))
  .nullable()
  .catch(null);

const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

/** An instant as text, UTC where it names no zone, or in milliseconds since the epoch; null for anything else. */
const instant = z
  .union([z.string(), z.number()])
  .transform((value) => {
    const isZoned = typeof value === 'number' || /(z|[+-]\d\d:?\d\d)$/i.test(value) || !value.includes('T');
    const date = new Date(isZoned ? value : `${value}Z`);
    return date.getTime() > EARLIEST_MS && date.getTime() < LATEST_MS ? date : null;
  })
  .nullable()
  .catch(null);

/** An id is compared and sent back, so one that we would have to change is none; a comma would be two. */
const ID = /^[\x21-\x2b\x2d-\x7e]{1,100}$/;

const playerShape = z.object({
  id: z.union([z.string(), z.number()]).transform(String).pipe(z.string().regex(ID)),
  name: text,
  status: text,
  deviceType: text,
  locationName: text,
  channelId: text,
  channelName: text,
  appVersion: text,
  lastOnlineAt: instant,
});

/** State and what is left of the status that means nothing to us. */
function readStatus(status: string | null): Pick<Player, 'state' | 'unknownStatus'> {
  const state = status === null ? null : stateOf(status);
  return { state, unknownStatus: state === null ? status : null };
}

/** An item of the list of devices; null for one without an id. Fields that are missing, null or of another kind are null. */
export function readPlayer(item: unknown): Player | null {
  const { success, data } = playerShape.safeParse(item);
  if (!success) return null;
  const { status, appVersion, lastOnlineAt, ...told } = data;
  return { ...told, ...readStatus(status), playerVersion: appVersion, lastContactAt: lastOnlineAt };
}

const statusShape = z
  .object({ deviceId: text, id: text, status: text })
  .transform(({ deviceId, id, status }) => ({ id: deviceId ?? id, status }));

/** An item of the list of statuses; null for one that names no device or no status. */
export function readDeviceStatus(item: unknown): ({ id: string } & Pick<Player, 'state' | 'unknownStatus'>) | null {
  const { success, data } = statusShape.safeParse(item);
  return success && data.id !== null && data.status !== null ? { id: data.id, ...readStatus(data.status) } : null;
}

const channelShape = z.object({ id: text, name: text });

/** An item of the channel directory; null for one without an id or a name. */
export function readChannel(item: unknown): { id: string; name: string } | null {
  const { success, data } = channelShape.safeParse(item);
  return success && data.id !== null && data.name !== null ? { id: data.id, name: data.name } : null;
}

const pageShape = z.object({
  items: z.array(z.unknown()),
  totalCount: z.number().int().nonnegative().nullable().catch(null),
  size: z.number().int().nonnegative().nullable().catch(null),
});

export type Page = z.infer<typeof pageShape>;

/** An answer with a list; null for one that has none. */
export const readPage = (answer: unknown): Page | null => pageShape.safeParse(answer).data ?? null;
