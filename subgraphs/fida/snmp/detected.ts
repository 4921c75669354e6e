import { LRUCache } from 'lru-cache';
import type { Profile } from '../profiles/profile.ts';
import { profiles } from '../profiles/registry.ts';
import { SnmpFailure } from './failure.ts';
import { identify } from './read.ts';
import type { SnmpSession } from './session.ts';
import type { SnmpTarget } from './target.ts';

type Use<T> = (session: SnmpSession, target: SnmpTarget, profile: Profile) => Promise<T>;

/** The profiles that displays were found to have, by their addresses. */
export class DetectedProfiles {
  readonly #known: LRUCache<string, Profile>;

  constructor(options: { targets: number }) {
    this.#known = new LRUCache({ max: options.targets });
  }

  /**
   * What `use` makes of the target's profile, which is detected where none is given. A remembered one by which nothing can be read
   * is forgotten, and `use` is called again with what the display is now.
   *
   * @throws SnmpFailure
   */
  with<T>(session: SnmpSession, target: SnmpTarget, use: Use<T>): Promise<T> {
    const given = target.profile ? profiles.get(target.profile) : undefined;
    return given ? use(session, target, given) : this.#detect(session, target, use);
  }

  async #detect<T>(session: SnmpSession, target: SnmpTarget, use: Use<T>): Promise<T> {
    const place = `${target.host} ${target.port}`;
    const known = this.#known.get(place);
    if (known !== undefined) {
      try {
        return await use(session, target, known);
      } catch (err) {
        // Another model may hang in its place.
        this.#known.delete(place);
        if (!(err instanceof SnmpFailure) || err.code !== 'NOTHING_READABLE') throw err;
      }
    }
    const profile = await identify(session);
    const outcome = await use(session, target, profile);
    this.#known.set(place, profile);
    return outcome;
  }
}
