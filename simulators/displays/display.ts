import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { seededRandom } from '@wheelhouse/kit/seeded-random.ts';
import { type Access, Agent } from '../snmp/agent.ts';
import type { MibView, PreparedSet, SetResult } from '../snmp/mib-view.ts';
import { carryOut, isControlFault } from './control-faults.ts';
import { type Fault, spoil } from './faults.ts';
import { lgCommercialView } from './lg-commercial.ts';
import { ntcip1203View } from './ntcip-1203.ts';
import {
  changed,
  DEFAULT_VALUES,
  type DisplaySubject,
  type DisplayValues,
  type Identity,
  type ValuesChange,
} from './values.ts';
import { wheelhouseFidaView } from './wheelhouse-fida.ts';

const VIEWS = {
  'wheelhouse-fida': wheelhouseFidaView,
  'lg-commercial': lgCommercialView,
  'ntcip-1203': ntcip1203View,
} as const satisfies Record<string, MibView<DisplaySubject>>;

export type ProfileId = keyof typeof VIEWS;

export type DisplayDefinition = {
  name: string;
  profile: ProfileId;
  access: Access;
  /** A port that is taken is replaced by a free one. @default a free one */
  port?: number;
  identity?: Partial<Identity>;
  values?: ValuesChange;
  /** How long it has been up when it starts, for sysUpTime and the SNMPv3 engine's time. @default 0 */
  uptimeSeconds?: number;
};

/** A display on a UDP port of loopback. */
export type SimulatedDisplay = {
  readonly name: string;
  readonly profile: ProfileId;
  readonly port: number;
  /** How to reach it, as the registry of devices takes it. */
  readonly snmp: Access & { host: string; port: number };
  readonly fault: Fault | null;
  readonly values: DisplayValues;
  /** SETs that came from somebody who may set, whatever became of them. */
  readonly setsReceived: number;
  setFault: (fault: Fault | null) => void;
  /** Changes some of the values; the rest stays. */
  set: (change: ValuesChange) => void;
};

export const HOST = '127.0.0.1';

/** Answers SNMP at a socket that is bound, until it is closed. */
export class Display implements SimulatedDisplay {
  readonly name: string;
  readonly profile: ProfileId;
  readonly port: number;
  readonly #subject: DisplaySubject;
  readonly #agent: Agent<DisplaySubject>;
  readonly #access: Access;
  readonly #socket: Socket;
  readonly #random: () => number;
  readonly #late = new Set<NodeJS.Timeout>();
  #fault: Fault | null = null;
  #isDead = false;
  #setsReceived = 0;

  constructor(definition: DisplayDefinition, socket: Socket, seed: number) {
    const { name, profile, access } = definition;
    this.name = name;
    this.profile = profile;
    this.port = socket.address().port;
    this.#access = access;
    this.#socket = socket;
    this.#random = seededRandom(seed);
    const identity = { name, model: 'FIDA-55', serialNumber: `SIM-${name}`, firmware: '4.2.0', ...definition.identity };
    const values = changed(DEFAULT_VALUES, definition.values ?? {});
    const startedAtMs = performance.now() - (definition.uptimeSeconds ?? 0) * 1_000;
    this.#subject = { identity, values, startedAtMs };
    this.#agent = new Agent({
      view: VIEWS[profile],
      subject: this.#subject,
      access,
      engineName: name,
      startedAtMs,
      carryOut: (set) => this.#carryOut(set),
    });
    socket.on('message', (datagram, from) => this.#receive(datagram, from.port, from.address));
    // A client that has gone makes the system report a failed send here; it concerns no display.
    socket.on('error', () => undefined);
  }

  get snmp(): Access & { host: string; port: number } {
    return { ...this.#access, host: HOST, port: this.port };
  }

  get fault(): Fault | null {
    return this.#fault;
  }

  get values(): DisplayValues {
    return this.#subject.values;
  }

  get setsReceived(): number {
    return this.#setsReceived;
  }

  setFault(fault: Fault | null): void {
    this.#fault = fault;
    this.#isDead = false;
  }

  set(change: ValuesChange): void {
    this.#subject.values = changed(this.#subject.values, change);
  }

  async close(): Promise<void> {
    for (const timer of this.#late) clearTimeout(timer);
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #receive(datagram: Buffer, port: number, address: string): void {
    // A silent display must cost nothing: thousands of them are looked at in load tests.
    if (this.#isDead || this.#fault?.kind === 'silent') return;
    const answer = this.#agent.answer(datagram);
    // It has died of this datagram.
    const isMute = this.#isDead && this.#fault?.kind === 'diesAtSet' && !this.#fault.answers;
    const sent = answer && !isMute ? spoil(answer, this.#fault, this.#random) : null;
    if (sent === null) return;
    const send = (): void => this.#socket.send(sent.octets, port, address);
    if (sent.delayMs === 0) send();
    else this.#later(sent.delayMs, send);
  }

  #carryOut(set: PreparedSet): SetResult {
    this.#setsReceived += 1;
    if (this.#fault !== null && isControlFault(this.#fault)) {
      return carryOut(set, this.#fault, {
        later: (delayMs, change) => this.#later(delayMs, change),
        die: () => {
          this.#isDead = true;
        },
      });
    }
    set.commit();
    return set;
  }

  #later(delayMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#late.delete(timer);
      act();
    }, delayMs);
    this.#late.add(timer);
  }
}
