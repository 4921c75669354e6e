import { boolean, integer, jsonb, text } from 'drizzle-orm/pg-core';
import { z } from 'zod';

/** The devices service's door for other services: the registry as a feed (kit/feed.ts) of the devices of one system. */
export const REGISTRY_PATH = '/service/registry';

/**
 * A device as its system needs it, as it is now. Of several items of one device the newest version wins; of one version the later one, which
 * may tell another site's time zone.
 */
export const registryItemShape = z.object({
  id: z.string(),
  version: z.number().int(),
  /** True for a tombstone: the system forgets the device. */
  removed: z.boolean(),
  /** Where it stands: `museum/hall-2`. */
  site: z.string(),
  /** The IANA time zone that holds there. */
  timeZone: z.string(),
  /** How to reach the device, as its system's connection input has it, without the secrets. */
  connection: z.record(z.string(), z.unknown()),
  /** The secrets of the connection, sealed for this device's id, or null when there are none. */
  sealed: z.string().nullable(),
});

export type RegistryItem = z.infer<typeof registryItemShape>;

/** A system's address of the feed. `devicesUrl` has no slash at its end. */
export const registryUrl = (devicesUrl: string, system: string): string =>
  `${devicesUrl}${REGISTRY_PATH}?system=${system}`;

/** The setting of a system, `DEVICES_URL`: where the devices service is; without a slash at its end. */
export const devicesUrlSetting = z
  .url({ protocol: /^https?$/, error: 'must be an http:// URL' })
  .transform((url) => url.replace(/\/+$/, ''))
  .default('http://devices:4000');

/**
 * The columns of `targets`: what a system keeps of each device in order to reach it, its copy of the registry (kit/feed-copy.ts). A removed
 * device's row stays, so that an old item can't bring it back.
 */
export const targetColumns = () => ({
  deviceId: text('device_id').primaryKey(),
  /** The registry's version of the entry: the newest wins. */
  version: integer().notNull(),
  removed: boolean().notNull(),
  /** Where it stands: `museum/hall-2`. */
  site: text().notNull(),
  /** The IANA time zone that holds there. */
  timeZone: text('time_zone').notNull(),
  connection: jsonb().$type<RegistryItem['connection']>().notNull(),
  /** The secrets of the connection, sealed for the device's id; null when there are none. */
  sealed: text(),
});

/** Said of an entry of another shape than a system's version knows. */
export const UNREADABLE_ENTRY = 'the registry entry is not one that this version can read';

/**
 * What a system knows of a device whose target it can't read: it can't reach it, and the device may be fine.
 *
 * @param err ZodError for an entry that a newer registry wrote, or what was wrong with its secrets
 */
export function unreadableTarget(err: unknown) {
  const said = err instanceof Error ? err.message : String(err);
  const text = err instanceof z.ZodError ? UNREADABLE_ENTRY : said;
  return { kind: 'couldNotLook', cause: { code: 'INVALID_TARGET', text } } as const;
}
