import { useSites, zoneBelow } from '../../data/use-sites.ts';
import { useSite } from '../../shell/use-site.ts';

/** The zone of times that belong to no device, such as when a service was last heard of. It is always named beside them. */
export const useZoneBelow = (): string => zoneBelow(useSites(), useSite());
