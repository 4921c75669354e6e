import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { CoreLink, CoreTarget, OpenLink } from './qrc.ts';

/** Far more Cores than one worker looks after. */
const MOST_LINKS = 10_000;

/** The open roads to Cores, one for each device. */
export type CoreLinks = {
  /** The road to a device, which stays open from one use to the next. */
  linkTo: (deviceId: string, target: CoreTarget) => CoreLink;
  close: () => void;
};

/**
 * Keeps a connection to each Core, since a logon and what is watched belong to it. One that nobody uses any more, since its device is
 * removed or in other hands, is closed; so is one whose registry entry has become another.
 *
 * @param options.idleMs after how long without use
 */
export function createCoreLinks(openLink: OpenLink, { idleMs }: { idleMs: number }): CoreLinks {
  const links = new LRUCache<string, { target: CoreTarget; link: CoreLink }>({
    max: MOST_LINKS,
    ttl: idleMs,
    ttlAutopurge: true,
    updateAgeOnGet: true,
    dispose: ({ link }) => link.close(),
  });
  return {
    linkTo: (deviceId, target) => {
      const held = links.get(deviceId);
      if (held !== undefined && isDeepStrictEqual(held.target, target)) return held.link;
      const link = openLink(target);
      links.set(deviceId, { target, link });
      return link;
    },
    close: () => links.clear(),
  };
}
