import { type ControlState, initialState, type Reading, readingOf } from './control-value.ts';
import type { ComponentDefinition, ControlDefinition, Design } from './design.ts';
import { ERROR, QrcError } from './errors.ts';

export type RunningControl = {
  readonly component: string;
  readonly definition: ControlDefinition;
  state: ControlState;
  /** Of the last change of the reading, or the last firing of a trigger; never twice the same in a design. */
  revision: number;
  /** How often a client has set it, or fired it. */
  setsDone: number;
};

type RunningComponent = { definition: ComponentDefinition; controls: Map<string, RunningControl> };
type Ramp = { from: number; to: number; startedAtMs: number; durationMs: number };
/** null: a number of snapshot that was never saved. */
export type Bank = { controls: RunningControl[]; saved: (Map<RunningControl, ControlState> | null)[] };

export type Assignment = { control: RunningControl; state: ControlState; rampSeconds: number };

const areSame = (a: ControlState, b: ControlState): boolean => a.number === b.number && a.text === b.text;

/** Components, controls and their values while a design runs. The Cores of a redundant pair share one. */
export class RunningDesign {
  readonly design: Design;
  /** Called when the status of something in the design has changed. */
  readonly onStatus = new Set<() => void>();
  readonly #components = new Map<string, RunningComponent>();
  readonly #named: Map<string, RunningControl>;
  readonly #banks: Map<string, Bank>;
  readonly #ramps = new Map<RunningControl, Ramp>();
  readonly #swinging = new Set<RunningControl>();
  readonly #tickMs: number;
  readonly #startedAtMs = performance.now();
  #timer: NodeJS.Timeout | null = null;
  #revision = 0;

  /** @param options.tickMs how often ramps and meters move */
  constructor(design: Design, options: { tickMs: number }) {
    this.design = design;
    this.#tickMs = options.tickMs;
    for (const definition of design.components) {
      const controls = definition.controls.map((control): [string, RunningControl] => [
        control.name,
        { component: definition.name, definition: control, state: initialState(control), revision: 0, setsDone: 0 },
      ]);
      this.#components.set(definition.name, { definition, controls: new Map(controls) });
    }
    const at = (place: { component: string; control: string }) => this.controlOf(place.component, place.control);
    this.#named = new Map(Object.entries(design.namedControls).map(([name, place]) => [name, at(place)]));
    this.#banks = new Map(
      design.snapshotBanks.map(({ name, snapshots, controls }) => [
        name,
        { controls: controls.map(at), saved: Array.from({ length: snapshots }, () => null) },
      ]),
    );
    this.reset();
  }

  get components(): Iterable<RunningComponent> {
    return this.#components.values();
  }

  /** @throws QrcError unknownComponent */
  component(name: string): RunningComponent {
    const component = this.#components.get(name);
    if (component === undefined) throw new QrcError(ERROR.unknownComponent, `Component '${name}' is not in the design`);
    return component;
  }

  /** @throws QrcError unknownComponent, unknownControl */
  controlOf(component: string, name: string): RunningControl {
    const control = this.component(component).controls.get(name);
    if (control !== undefined) return control;
    throw new QrcError(ERROR.unknownControl, `Component '${component}' has no control '${name}'`);
  }

  /** The control with this name of its own. @throws QrcError unknownControl */
  named(name: string): RunningControl {
    const control = this.#named.get(name);
    if (control === undefined) throw new QrcError(ERROR.unknownControl, `No control is named '${name}'`);
    return control;
  }

  /** @throws QrcError invalidParams: QRC has no code of its own for this */
  bank(name: string): Bank {
    const bank = this.#banks.get(name);
    if (bank === undefined) throw new QrcError(ERROR.invalidParams, `No snapshot bank is named '${name}'`);
    return bank;
  }

  readingOf({ definition, state }: RunningControl): Reading {
    return readingOf(definition, state);
  }

  /** Sets controls, at once or over time. What one was doing before, it stops doing. */
  assign(assignments: readonly Assignment[]): void {
    for (const { control, state, rampSeconds } of assignments) {
      control.setsDone += 1;
      this.#ramps.delete(control);
      if (rampSeconds > 0 && control.definition.kind === 'number') {
        const durationMs = rampSeconds * 1_000;
        const startedAtMs = performance.now();
        this.#ramps.set(control, { from: control.state.number, to: state.number, startedAtMs, durationMs });
      } else {
        this.#put(control, state);
      }
    }
    this.#keepTime();
  }

  /** What happens in the venue: changes a value as no client can, that of a meter or a status too, which then stays. */
  happen(control: RunningControl, state: ControlState): void {
    this.#ramps.delete(control);
    this.#swinging.delete(control);
    this.#put(control, state);
    this.#keepTime();
  }

  /** Brings everything to the values of the design. What was saved in snapshots stays saved. */
  reset(): void {
    this.#ramps.clear();
    for (const { controls } of this.components) {
      for (const control of controls.values()) {
        if (control.definition.kind === 'number' && control.definition.swing !== undefined) this.#swinging.add(control);
        this.#put(control, initialState(control.definition));
      }
    }
    this.#keepTime();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#ramps.clear();
    this.#swinging.clear();
  }

  #put(control: RunningControl, state: ControlState): void {
    if (areSame(control.state, state) && control.definition.kind !== 'trigger') return;
    control.state = state;
    control.revision = ++this.#revision;
    if (control.definition.kind === 'status') for (const tell of this.onStatus) tell();
  }

  #keepTime(): void {
    const isMoving = this.#ramps.size + this.#swinging.size > 0;
    if (isMoving) this.#timer ??= setInterval(() => this.#step(performance.now()), this.#tickMs).unref();
    else if (this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  #step(nowMs: number): void {
    for (const [control, { from, to, startedAtMs, durationMs }] of this.#ramps) {
      const done = Math.min(1, (nowMs - startedAtMs) / durationMs);
      const number = done === 1 ? to : from + (to - from) * done;
      const isWhole = control.definition.kind === 'number' && control.definition.type === 'Integer';
      this.#put(control, { number: isWhole ? Math.round(number) : number, text: '' });
      if (done === 1) this.#ramps.delete(control);
    }
    let place = 0;
    for (const control of this.#swinging) {
      const swing = control.definition.kind === 'number' ? control.definition.swing : undefined;
      place += 1;
      if (swing === undefined) continue;
      const turns = (nowMs - this.#startedAtMs) / 1_000 / swing.periodSeconds;
      // Out of step with each other.
      const wave = 0.5 + 0.5 * Math.sin(2 * Math.PI * turns + place);
      this.#put(control, { number: Math.round((swing.low + (swing.high - swing.low) * wave) * 100) / 100, text: '' });
    }
    this.#keepTime();
  }
}
