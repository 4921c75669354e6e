import { ERROR, QrcError } from './errors.ts';
import type { RunningControl, RunningDesign } from './running-design.ts';

/** One control of a change group, under the one name by which it is reported. */
type Member = { control: RunningControl; named: string | null; revisionSeen: number };

export type Change = { Component?: string; Name: string; Value: number; String: string; Position: number };
export type Changes = { Id: string | number; Changes: Change[] };

type Group = { id: string | number; members: Map<RunningControl, Member>; timer: NodeJS.Timeout | null };

const PER_CONNECTION = 4;
const PER_CORE = 512;
/** Pushing oftener than this is of no use to anyone, and would only heat the machine. */
const RATE_MIN_MS = 10;
const UNSEEN = -1;

/** Counts the groups of all connections to a Core, which has a limit of its own. */
export type GroupCount = { groups: number };

/** The change groups of one connection. */
export class ChangeGroups {
  readonly #groups = new Map<string | number, Group>();
  readonly #design: RunningDesign;
  readonly #count: GroupCount;
  readonly #push: (changes: Changes) => void;

  constructor(options: { design: RunningDesign; count: GroupCount; push: (changes: Changes) => void }) {
    this.#design = options.design;
    this.#count = options.count;
    this.#push = options.push;
  }

  /**
   * Adds controls, each of which then counts as changed; a group that isn't there is made. One that has a name of its own and
   * is also added by its component is reported under its own name only.
   *
   * @throws QrcError changeGroupsExhausted
   */
  add(id: string | number, controls: readonly { control: RunningControl; named: string | null }[]): void {
    const { members } = this.#groups.get(id) ?? this.#make(id);
    for (const { control, named } of controls) {
      const before = members.get(control);
      members.set(control, { control, named: named ?? before?.named ?? null, revisionSeen: UNSEEN });
    }
  }

  /** Takes out controls by their own names; gives back the names that were not in it. @throws QrcError unknownChangeGroup */
  remove(id: string | number, names: readonly string[]): string[] {
    const { members } = this.#group(id);
    return names.filter((name) => {
      const found = [...members.values()].find(({ named }) => named === name);
      if (found !== undefined) members.delete(found.control);
      return found === undefined;
    });
  }

  /** What has changed since the last poll. @throws QrcError unknownChangeGroup */
  poll(id: string | number): Changes {
    return this.#changes(this.#group(id), { areSeen: true });
  }

  /**
   * Pushes what has changed, every so often, also when nothing has. Gives back what the first push will have: some clients look
   * for it in the answer, others in the pushes.
   *
   * @throws QrcError unknownChangeGroup
   */
  autoPoll(id: string | number, rateSeconds: number): Changes {
    const group = this.#group(id);
    if (group.timer !== null) clearInterval(group.timer);
    const push = (): void => this.#push(this.#changes(group, { areSeen: true }));
    group.timer = setInterval(push, Math.max(RATE_MIN_MS, rateSeconds * 1_000)).unref();
    return this.#changes(group, { areSeen: false });
  }

  /** All controls count as changed. @throws QrcError unknownChangeGroup */
  invalidate(id: string | number): void {
    for (const member of this.#group(id).members.values()) member.revisionSeen = UNSEEN;
  }

  /** Takes out all controls; the group stays. @throws QrcError unknownChangeGroup */
  clear(id: string | number): void {
    this.#group(id).members.clear();
  }

  /** @throws QrcError unknownChangeGroup */
  destroy(id: string | number): void {
    const group = this.#group(id);
    if (group.timer !== null) clearInterval(group.timer);
    this.#groups.delete(id);
    this.#count.groups -= 1;
  }

  destroyAll(): void {
    for (const id of [...this.#groups.keys()]) this.destroy(id);
  }

  #make(id: string | number): Group {
    if (this.#groups.size >= PER_CONNECTION) {
      throw new QrcError(ERROR.changeGroupsExhausted, `A connection may have ${PER_CONNECTION} change groups`);
    }
    if (this.#count.groups >= PER_CORE) {
      throw new QrcError(ERROR.changeGroupsExhausted, `A Core may have ${PER_CORE} change groups`);
    }
    const group: Group = { id, members: new Map(), timer: null };
    this.#groups.set(id, group);
    this.#count.groups += 1;
    return group;
  }

  #group(id: string | number): Group {
    const group = this.#groups.get(id);
    if (group === undefined) throw new QrcError(ERROR.unknownChangeGroup, `There is no change group '${id}'`);
    return group;
  }

  #changes({ id, members }: Group, { areSeen }: { areSeen: boolean }): Changes {
    const changes: Change[] = [];
    for (const member of members.values()) {
      const { control, named } = member;
      if (member.revisionSeen === control.revision) continue;
      if (areSeen) member.revisionSeen = control.revision;
      const name = named === null ? { Component: control.component, Name: control.definition.name } : { Name: named };
      changes.push({ ...name, ...this.#design.readingOf(control) });
    }
    return { Id: id, Changes: changes };
  }
}
