import { LRUCache } from 'lru-cache';

/**
 * Long enough that looking for what an agent lacks (some ten requests) costs next to nothing in a sweep a minute; short enough
 * that what comes late, as the objects of a subagent that starts after its master, is soon read.
 */
const REMEMBERED_MS = 15 * 60_000;

/**
 * The objects that each SNMPv1 agent has said it lacks. In v1 one of them voids the whole reply (RFC 1157 section 4.1.2), so
 * every look would begin with refusals; from v2 on the agent says it for each object, and nothing need be remembered.
 */
export class LackingObjects {
  readonly #byAgent: LRUCache<string, { oids: Set<string>; untilMs: number }>;
  readonly #nowMs: () => number;

  constructor(options: { agents: number; nowMs: () => number }) {
    this.#byAgent = new LRUCache({ max: options.agents });
    this.#nowMs = options.nowMs;
  }

  of(agent: string): ReadonlySet<string> {
    return this.#entry(agent)?.oids ?? new Set();
  }

  add(agent: string, oid: string): void {
    const entry = this.#entry(agent) ?? { oids: new Set(), untilMs: this.#nowMs() + REMEMBERED_MS };
    entry.oids.add(oid);
    this.#byAgent.set(agent, entry);
  }

  forget(agent: string): void {
    this.#byAgent.delete(agent);
  }

  #entry(agent: string) {
    const entry = this.#byAgent.get(agent);
    return entry !== undefined && this.#nowMs() < entry.untilMs ? entry : undefined;
  }
}
