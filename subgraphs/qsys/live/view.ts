import { isDeepStrictEqual } from 'node:util';
import { StateStream } from '@wheelhouse/kit/state-stream.ts';
import type { ControlName } from '../settings-names.ts';
import type { LiveAsk, Missing, Resolved } from './ask.ts';

/** What a control says. Null is what the Core did not give. */
export type LiveValue = ControlName & {
  value: number | null;
  string: string | null;
  position: number | null;
  measuredAt: Date;
};

/** What a subscriber is told. */
export type LiveEvent = {
  live: boolean;
  problem: string | null;
  /** When the values were last known to be so; null where nothing is known. */
  asOf: Date | null;
  /** Whether `values` are all that are asked for, or those that have changed. */
  complete: boolean;
  values: LiveValue[];
  missing: readonly Missing[];
};

/** How it stands with a Core, for all who watch it. */
export type Standing =
  | { kind: 'connecting' }
  | { kind: 'up'; at: Date }
  | { kind: 'away'; problem: string; lastLiveAt: Date | null };

/** Where values are found, by the key of a control. */
export type Source = {
  standing: () => Standing;
  /** Whether all that is wanted is pushed, and was told once. */
  isSettled: () => boolean;
  value: (key: string) => LiveValue | undefined;
  /** What the Core itself does not know. */
  isUnknown: (key: string) => boolean;
};

/**
 * One subscriber's part of a Core. It keeps which of its controls have changed since the last event and no value of its own, so that who does
 * not keep up costs no memory and is told the latest.
 */
export class View {
  readonly ask: LiveAsk;
  readonly stream: StateStream<LiveEvent>;
  readonly #source: Source;
  readonly #dirty = new Set<string>();
  #controls: Resolved['controls'];
  #missing: readonly Missing[];
  #needsAll = true;
  /** What it was told is the matter; null while it was told values. */
  #toldProblem: string | null = null;
  #hasBegun = false;
  #toldMissing: readonly Missing[] = [];

  constructor(ask: LiveAsk, resolved: Resolved, source: Source, left: (view: View) => void) {
    this.ask = ask;
    this.#source = source;
    this.#controls = resolved.controls;
    this.#missing = resolved.missing;
    this.stream = new StateStream({ take: () => this.#take(), left: () => left(this) });
  }

  get controls(): Resolved['controls'] {
    return this.#controls;
  }

  /** Its controls by another design. @returns whether they are others */
  become({ controls, missing }: Resolved): boolean {
    const isSame =
      controls.size === this.#controls.size &&
      isDeepStrictEqual(missing, this.#missing) &&
      [...controls.keys()].every((key) => this.#controls.has(key));
    if (isSame) return false;
    this.#controls = controls;
    this.#missing = missing;
    this.needAll();
    return true;
  }

  /** All is to be told anew, when it is known. */
  needAll(): void {
    this.#needsAll = true;
    this.#dirty.clear();
  }

  /** Values have changed; who waits is told. */
  touch(keys: Iterable<string>): void {
    for (const key of keys) if (this.#controls.has(key)) this.#dirty.add(key);
    this.stream.changed();
  }

  #valuesOf(keys: Iterable<string>): LiveValue[] {
    const values: LiveValue[] = [];
    for (const key of keys) {
      const value = this.#source.value(key);
      if (value !== undefined) values.push(value);
    }
    return values;
  }

  #take(): LiveEvent | null {
    const standing = this.#source.standing();
    if (standing.kind === 'away') return this.#takeProblem(standing);
    if (this.#needsAll) {
      if (standing.kind !== 'up' || !this.#source.isSettled()) return null;
      this.#needsAll = false;
      this.#hasBegun = true;
      this.#toldProblem = null;
      this.#dirty.clear();
      return this.#event(standing.at, { complete: true, values: this.#valuesOf(this.#controls.keys()) });
    }
    if (standing.kind !== 'up' || this.#dirty.size === 0) return null;
    const values = this.#valuesOf(this.#dirty);
    this.#dirty.clear();
    return this.#event(standing.at, { complete: false, values });
  }

  #takeProblem({ problem, lastLiveAt }: Extract<Standing, { kind: 'away' }>): LiveEvent | null {
    if (this.#toldProblem === problem) return null;
    this.#toldProblem = problem;
    const complete = !this.#hasBegun;
    this.#hasBegun = true;
    const values = complete ? this.#valuesOf(this.#controls.keys()) : [];
    const newest = Math.max(...values.map(({ measuredAt }) => measuredAt.getTime()));
    const asOf = lastLiveAt ?? (values.length > 0 ? new Date(newest) : null);
    return { live: false, problem, asOf, complete, values, missing: this.#missingNow() };
  }

  #event(asOf: Date, told: Pick<LiveEvent, 'complete' | 'values'>): LiveEvent {
    // What the Core does not know it says when it is asked to push, before all is told.
    return {
      live: true,
      problem: null,
      asOf,
      ...told,
      missing: told.complete ? this.#missingNow() : this.#toldMissing,
    };
  }

  #missingNow(): readonly Missing[] {
    const unknown = [...this.#controls].flatMap(([key, control]) => (this.#source.isUnknown(key) ? [control] : []));
    this.#toldMissing = [...this.#missing, ...unknown];
    return this.#toldMissing;
  }
}
