import { problemOf } from '@wheelhouse/contracts/observations.ts';
import { addressOf, failureOf } from '../core-link.ts';
import { keptValue } from '../design.ts';
import { type ClientState, QRC_DEFAULTS, QrcClient } from '../qrc/client.ts';
import type { ControlChange } from '../qrc/message.ts';
import type { WatchMade } from '../qrc/watch.ts';
import type { CoreTarget, Failure } from '../qrc.ts';
import { printable } from '../rules.ts';
import { settingOf } from '../settings-names.ts';
import type { LiveAsk, Resolved } from './ask.ts';
import { type LiveValue, type Standing, View } from './view.ts';
import { Wanted } from './wanted.ts';

/** Of a connection in vain: the next one must come soon enough for values to be right two seconds after a Core's return. */
const CONNECT_TIMEOUT_MS = 1_000;
/** A Core without power closes nothing, and is found out by its silence. */
const KEEP_ALIVE_MS = 2_000;
/** After a Core has refused to push. */
const REFUSED_RETRY_MS = 5_000;
/** New wishes of so long are taken to the Core together. */
const GATHER_MS = 20;

const STANDBY = 'STANDBY: the other Core of the pair runs the design';

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
  readonly #wanted = new Wanted();
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
    if (this.#isClosed) return;
    this.#client?.close();
    this.#client = null;
    if ('kind' in target) {
      this.#away(problemOf(target) ?? target.kind);
      return;
    }
    this.#isUp = false;
    this.#problem = null;
    for (const view of this.#views) view.needAll();
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
        isUnknown: (key) => this.#wanted.isUnknown(key),
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
      [...controls.keys()].every((key) => this.#wanted.controls.has(key)),
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
    return this.#gathering === null && this.#wanted.isSettled;
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
    if (wanted.size < this.#wanted.controls.size) this.#rewatch();
  }

  #rewatch(): void {
    if (this.#isClosed) return;
    const watches = this.#wanted.become(new Map([...this.#views].flatMap(({ controls }) => [...controls])));
    for (const key of [...this.#values.keys()]) if (!this.#wanted.controls.has(key)) this.#values.delete(key);
    this.#client?.watch(watches);
    this.#tell();
  }

  #became(state: ClientState): void {
    switch (state.phase) {
      case 'ready':
        // The client makes the groups from here on, also when the other Core of a pair, or another design, has taken over.
        this.#wanted.begin();
        if (state.isStandby) {
          this.#away(STANDBY);
          return;
        }
        this.#isUp = true;
        this.#problem = null;
        this.#tell();
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
      this.#away(printable(`${made.reason}: ${made.message}`, 300));
      this.#retrying ??= setTimeout(() => {
        this.#retrying = null;
        if (this.#client?.state.phase !== 'ready' || this.#client.state.isStandby) return;
        this.#isUp = true;
        this.#problem = null;
        this.#rewatch();
      }, REFUSED_RETRY_MS);
    }
    if (made.kind !== 'made') return;
    if (this.#wanted.made(id, made.unknown)) for (const view of this.#views) view.needAll();
    this.#tell();
  }

  #changed(id: string, changes: readonly ControlChange[]): void {
    const measuredAt = this.#options.now();
    const { mayBeOld } = this.#wanted.told(id);
    const changed: string[] = [];
    for (const change of changes) {
      const key = settingOf(change);
      const before = this.#values.get(key);
      const control = this.#wanted.controls.get(key);
      if (control === undefined) continue;
      const value = { ...control, ...keptValue(change), measuredAt };
      this.#values.set(key, value);
      const isSame =
        before?.value === value.value && before.string === value.string && before.position === value.position;
      if (!mayBeOld || !isSame) changed.push(key);
    }
    for (const view of this.#views) view.touch(changed);
  }

  #tell(): void {
    for (const view of this.#views) view.stream.changed();
  }
}
