import type { Unknown, Watch } from '../qrc/watch.ts';
import { type ControlName, settingOf } from '../settings-names.ts';

/** How often a Core tells what has changed: as live as an eye can follow, and a tenth of what QRC would bear. */
const PUSH_SECONDS = 0.1;
/** So often a group may tell what has not changed: some Cores tell all of it with the answer and again with the first push. */
const TELLINGS_OF_ALL = 2;

/**
 * The change groups that bring these controls; named ones have their own, since a Core tells what is in one group twice under one name
 * only. Each making has ids of its own, by which its first push is told from the last of the group before.
 */
function watchesOf(controls: Iterable<ControlName>, making: number): Watch[] {
  const byComponent = Map.groupBy(controls, ({ component }) => component);
  const named = (byComponent.get(null) ?? []).map(({ name }) => name);
  const components = [...byComponent].flatMap(([name, own]) =>
    name === null ? [] : [{ name, controls: own.map((control) => control.name) }],
  );
  const rateSeconds = PUSH_SECONDS;
  return [
    ...(components.length > 0 ? [{ id: `components-${making}`, rateSeconds, named: [], components }] : []),
    ...(named.length > 0 ? [{ id: `named-${making}`, rateSeconds, named, components: [] }] : []),
  ];
}

/** What a Core was asked to push, and how far it has come with that. */
export class Wanted {
  #controls: ReadonlyMap<string, ControlName> = new Map();
  #watches: readonly Watch[] = [];
  #makings = 0;
  /** Groups that the Core has still to make, and those that it has still to tell for the first time. */
  readonly #unmade = new Set<string>();
  readonly #untold = new Set<string>();
  readonly #tellings = new Map<string, number>();
  readonly #unknown = new Set<string>();

  /** By their keys. */
  get controls(): ReadonlyMap<string, ControlName> {
    return this.#controls;
  }

  /** Whether the Core pushes all of it, and has told all once. */
  get isSettled(): boolean {
    return this.#unmade.size + this.#untold.size === 0;
  }

  /** Whether the Core says that it has no such control. */
  isUnknown(key: string): boolean {
    return this.#unknown.has(key);
  }

  /** Other controls are wanted. @returns the groups to ask for */
  become(controls: ReadonlyMap<string, ControlName>): readonly Watch[] {
    this.#controls = controls;
    this.#makings += 1;
    this.#watches = watchesOf(controls.values(), this.#makings);
    for (const key of [...this.#unknown]) if (!controls.has(key)) this.#unknown.delete(key);
    this.begin();
    return this.#watches;
  }

  /** The groups are made from the beginning. */
  begin(): void {
    this.#unmade.clear();
    this.#untold.clear();
    this.#tellings.clear();
    for (const { id } of this.#watches) {
      this.#unmade.add(id);
      this.#untold.add(id);
    }
  }

  /** A group was made, without what the Core does not know. @returns whether that is something else than before */
  made(id: string, unknown: readonly Unknown[]): boolean {
    this.#unmade.delete(id);
    const isNamed = id.startsWith('named');
    const whole = new Set(unknown.flatMap(({ component, name }) => (name === null ? [component] : [])));
    const single = new Set(
      unknown.flatMap(({ component, name }) => (name === null ? [] : [settingOf({ component, name })])),
    );
    let isOther = false;
    let isEmpty = true;
    for (const [key, { component }] of this.#controls) {
      if ((component === null) !== isNamed) continue;
      const isUnknown = single.has(key) || (!isNamed && whole.has(component));
      isEmpty &&= isUnknown;
      isOther ||= isUnknown !== this.#unknown.has(key);
      if (isUnknown) this.#unknown.add(key);
      else this.#unknown.delete(key);
    }
    // Nothing of it will ever be told.
    if (isEmpty) this.#untold.delete(id);
    return isOther;
  }

  /** A group tells something. @returns whether that may be what it has told before: otherwise it has changed, or is a trigger that has fired */
  told(id: string): { mayBeOld: boolean } {
    const tellings = this.#tellings.get(id) ?? 0;
    this.#tellings.set(id, tellings + 1);
    this.#untold.delete(id);
    return { mayBeOld: tellings < TELLINGS_OF_ALL };
  }
}
