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
