import { LRUCache } from 'lru-cache';

/** Short enough that what comes late, as the objects of a subagent that starts after its master, is soon read. */
const ASK_AGAIN_MS = 15 * 60_000;

/**
 * The objects that each SNMPv1 agent has said it lacks. In v1 one of them voids the whole reply (RFC 1157 section 4.1.2), so
 * every look would begin with refusals; from v2 on the agent says it for each object, and nothing need be remembered.
 */
export class LackingObjects {
  /** When each object is to be asked for again. */
  readonly #byAgent: LRUCache<string, Map<string, number>>;
  readonly #nowMs: () => number;

  constructor(options: { agents: number; nowMs: () => number }) {
    this.#byAgent = new LRUCache({ max: options.agents });
    this.#nowMs = options.nowMs;
  }

  has(agent: string, oid: string): boolean {
    return this.#byAgent.get(agent)?.has(oid) === true;
  }

  /**
   * An object that is to be asked for again, or null. One at a time: to ask for all would cost many requests at once, and a
   * sign behind a slow modem would not get through a look.
   */
  due(agent: string): string | null {
    const nowMs = this.#nowMs();
    for (const [oid, atMs] of this.#byAgent.get(agent) ?? []) if (atMs <= nowMs) return oid;
    return null;
  }

  /** The agent has just said that it lacks this one. */
  add(agent: string, oid: string): void {
    const entry = this.#byAgent.get(agent) ?? new Map<string, number>();
    this.#byAgent.set(agent, entry.set(oid, this.#nowMs() + ASK_AGAIN_MS));
  }

  remove(agent: string, oid: string): void {
    this.#byAgent.get(agent)?.delete(oid);
  }

  forget(agent: string): void {
    this.#byAgent.delete(agent);
  }
}
