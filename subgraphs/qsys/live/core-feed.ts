import { addressOf, failureOf } from '../core-link.ts';
import { keptValue } from '../design.ts';
import { type ClientState, QRC_DEFAULTS, QrcClient } from '../qrc/client.ts';
import type { ControlChange } from '../qrc/message.ts';
import type { Unknown, Watch, WatchMade } from '../qrc/watch.ts';
import type { CoreTarget, Failure } from '../qrc.ts';
import { problemOf } from '../rules.ts';
import { type ControlName, settingOf } from '../settings-names.ts';
import type { LiveAsk, Resolved } from './ask.ts';
import { type LiveValue, type Standing, View } from './view.ts';

/** How often a Core tells what has changed: as live as an eye can follow, and a tenth of what QRC would bear. */
const PUSH_SECONDS = 0.1;
/** Of a connection in vain: the next one must come soon enough for values to be right two seconds after a Core's return. */
const CONNECT_TIMEOUT_MS = 1_000;
/** A Core without power closes nothing, and is found out by its silence. */
const KEEP_ALIVE_MS = 2_000;
/** After a Core has refused to push. */
const REFUSED_RETRY_MS = 5_000;
/** New wishes of so long are taken to the Core together. */
const GATHER_MS = 20;

/** So often a group may tell what has not changed. */
const TELLINGS_OF_ALL = 2;

const STANDBY = 'STANDBY: the other Core of the pair runs the design';

/**
 * The change groups that bring these controls; named ones have their own, since a Core tells what is in one group twice under one name
 * only. Each making has ids of its own, by which its first push is told from the last of the group before.
 */
function watchesOf(controls: Iterable<ControlName>, making: number): Watch[] {
  const byComponent = Map.groupBy(controls, ({ component }) => component);
  const named = (byComponent.get(null) ?? []).map(({ name }) => name);
  byComponent.delete(null);
  const components = [...byComponent].flatMap(([name, own]) =>
    name === null ? [] : [{ name, controls: own.map((control) => control.name) }],
  );
  const rateSeconds = PUSH_SECONDS;
  return [
    ...(components.length > 0 ? [{ id: `components-${making}`, rateSeconds, named: [], components }] : []),
    ...(named.length > 0 ? [{ id: `named-${making}`, rateSeconds, named, components: [] }] : []),
  ];
}

export type CoreFeedOptions = {
  timeoutMs: number;
  lingerMs: number;
  now: () => Date;
  unused: (feed: CoreFeed) => void;
};

/** One Core as all who watch it in this process share it: one connection, on which the Core pushes what any of them wants. */
export class CoreFeed {
  readonly deviceId: string;
  readonly #options: CoreFeedOptions;
  readonly #views = new Set<View>();
  readonly #values = new Map<string, LiveValue>();
  /** What the Core was asked to push. */
  #watched = new Map<string, ControlName>();
  /** Change groups that the Core has still to make, and then to tell once. */
  #watches: Watch[] = [];
  #makings = 0;
  readonly #unmade = new Set<string>();
  readonly #untold = new Set<string>();
  /** How often each has told something. */
  readonly #tellings = new Map<string, number>();
  readonly #unknown = new Set<string>();
  #client: QrcClient | null = null;
  #isUp = false;
  #problem: string | null = null;
  #lastLiveAt: Date | null = null;
  #gathering: NodeJS.Timeout | null = null;
  #lingering: NodeJS.Timeout | null = null;
  #retrying: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(deviceId: string, target: CoreTarget | Failure, options: CoreFeedOptions) {
    this.deviceId = deviceId;
    this.#options = options;
    this.retarget(target);
  }

  get views(): ReadonlySet<View> {
    return this.#views;
  }

  /** Goes on with the Core at another address, or with none that can be read. */
  retarget(target: CoreTarget | Failure): void {
    this.#client?.close();
    this.#client = null;
    if ('kind' in target) {
      this.#away(problemOf(target) ?? target.kind);
      return;
    }
    this.#isUp = false;
    this.#problem = null;
    const { timeoutMs } = this.#options;
    const client = new QrcClient(
      { ...addressOf(target), ...(target.logon && { logon: target.logon }) },
      {
        options: {
          ...{ ...QRC_DEFAULTS, callTimeoutMs: timeoutMs, keepAliveMs: KEEP_ALIVE_MS },
          connectTimeoutMs: Math.min(timeoutMs, CONNECT_TIMEOUT_MS),
        },
        listener: {
          changed: (id, changes) => this.#client === client && this.#changed(id, changes),
          watched: (id, made) => this.#client === client && this.#made(id, made),
          status: () => {},
          state: (state) => this.#client === client && this.#became(state),
        },
      },
    );
    this.#client = client;
    this.#rewatch();
  }

  /** Adds a subscriber. @param stored what was known of its controls before */
  add(ask: LiveAsk, resolved: Resolved, stored: readonly LiveValue[]): View {
    const view: View = new View(
      ask,
      resolved,
      {
        standing: () => this.#standing(),
        isSettled: () => this.#isSettled,
        value: (key) => this.#values.get(key),
        isUnknown: (key) => this.#unknown.has(key),
      },
      (left) => this.#left(left),
    );
    this.#views.add(view);
    for (const value of stored) {
      const key = settingOf(value);
      if (!this.#values.has(key)) this.#values.set(key, value);
    }
    if (this.#lingering !== null) clearTimeout(this.#lingering);
    this.#lingering = null;
    this.wishesChanged();
    return view;
  }

  /** What is wanted is to be looked at again. Controls that nobody wants any more may go on being pushed for a while. */
  wishesChanged(): void {
    const isCovered = [...this.#views].every(({ controls }) =>
      [...controls.keys()].every((key) => this.#watched.has(key)),
    );
    if (isCovered || this.#gathering !== null) return;
    this.#gathering = setTimeout(() => {
      this.#gathering = null;
      this.#rewatch();
    }, GATHER_MS);
  }

  /** Ends with an error for everybody. */
  fail(failure: Error): void {
    for (const view of [...this.#views]) view.stream.fail(failure);
    this.close();
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of [this.#gathering, this.#lingering, this.#retrying]) if (timer !== null) clearTimeout(timer);
    this.#client?.close();
    this.#client = null;
  }

  get #isSettled(): boolean {
    return this.#gathering === null && this.#unmade.size + this.#untold.size === 0;
  }

  #standing(): Standing {
    if (this.#problem !== null) return { kind: 'away', problem: this.#problem, lastLiveAt: this.#lastLiveAt };
    return this.#isUp ? { kind: 'up', at: this.#options.now() } : { kind: 'connecting' };
  }

  #left(view: View): void {
    this.#views.delete(view);
    if (this.#isClosed || this.#lingering !== null) return;
    this.#lingering = setTimeout(() => {
      this.#lingering = null;
      if (this.#views.size === 0) this.#options.unused(this);
      else this.#shrink();
    }, this.#options.lingerMs);
  }

  #shrink(): void {
    const wanted = new Set([...this.#views].flatMap(({ controls }) => [...controls.keys()]));
    if (wanted.size < this.#watched.size) this.#rewatch();
  }

  #rewatch(): void {
    if (this.#isClosed) return;
    this.#watched = new Map([...this.#views].flatMap(({ controls }) => [...controls]));
    for (const key of [...this.#values.keys()]) if (!this.#watched.has(key)) this.#values.delete(key);
    this.#makings += 1;
    this.#watches = watchesOf(this.#watched.values(), this.#makings);
    this.#beginMaking();
    this.#client?.watch(this.#watches);
    this.#tell();
  }

  #beginMaking(): void {
    this.#unmade.clear();
    this.#untold.clear();
    this.#tellings.clear();
    for (const { id } of this.#watches) {
      this.#unmade.add(id);
      this.#untold.add(id);
    }
  }

  #became(state: ClientState): void {
    switch (state.phase) {
      case 'ready':
        this.#isUp = !state.isStandby;
        // The client makes the groups from here on, also when the other Core of a pair, or another design, has taken over.
        this.#beginMaking();
        if (state.isStandby) this.#away(STANDBY);
        else {
          this.#problem = null;
          this.#tell();
        }
        return;
      case 'waiting':
        this.#away(problemOf(failureOf(state.ended)) ?? state.ended.loss);
        return;
      case 'connecting':
      case 'closed':
        return;
      default:
        state satisfies never;
    }
  }

  #away(problem: string): void {
    if (this.#isUp) this.#lastLiveAt = this.#options.now();
    this.#isUp = false;
    this.#problem = problem;
    for (const view of this.#views) view.needAll();
    this.#tell();
  }

  #made(id: string, made: WatchMade): void {
    if (made.kind === 'refused') {
      this.#away(`${made.reason}: ${made.message}`);
      this.#retrying ??= setTimeout(() => {
        this.#retrying = null;
        if (this.#client?.state.phase !== 'ready' || this.#client.state.isStandby) return;
        this.#isUp = true;
        this.#problem = null;
        this.#rewatch();
      }, REFUSED_RETRY_MS);
    }
    if (made.kind !== 'made') return;
    this.#unmade.delete(id);
    this.#keepUnknown(id, made.unknown);
    this.#tell();
  }

  #keepUnknown(id: string, unknown: readonly Unknown[]): void {
    const isNamed = id.startsWith('named');
    const whole = new Set(unknown.flatMap(({ component, name }) => (name === null ? [component] : [])));
    const single = new Set(
      unknown.flatMap(({ component, name }) => (name === null ? [] : [settingOf({ component, name })])),
    );
    let isOther = false;
    let isEmpty = true;
    for (const [key, { component }] of this.#watched) {
      if ((component === null) !== isNamed) continue;
      const isUnknown = single.has(key) || (!isNamed && whole.has(component));
      isEmpty &&= isUnknown;
      isOther ||= isUnknown !== this.#unknown.has(key);
      if (isUnknown) this.#unknown.add(key);
      else this.#unknown.delete(key);
    }
    // Nothing of it will ever be told.
    if (isEmpty) this.#untold.delete(id);
    if (isOther) for (const view of this.#views) view.needAll();
  }

  #changed(id: string, changes: readonly ControlChange[]): void {
    const measuredAt = this.#options.now();
    const tellings = this.#tellings.get(id) ?? 0;
    this.#tellings.set(id, tellings + 1);
    const changed: string[] = [];
    for (const change of changes) {
      const key = settingOf(change);
      const before = this.#values.get(key);
      const control = this.#watched.get(key);
      if (control === undefined) continue;
      const value = { ...control, ...keptValue(change), measuredAt };
      this.#values.set(key, value);
      // All is told when a group is made, by some Cores with the answer and with the first push. Afterwards what is told has changed, or is a
      // trigger that has fired.
      const isSame =
        before?.value === value.value && before.string === value.string && before.position === value.position;
      if (tellings >= TELLINGS_OF_ALL || !isSame) changed.push(key);
    }
    this.#untold.delete(id);
    for (const view of this.#views) view.touch(changed);
  }

  #tell(): void {
    for (const view of this.#views) view.stream.changed();
  }
}
