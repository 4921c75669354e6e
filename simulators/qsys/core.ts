import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '@wheelhouse/kit/seeded-random.ts';
import type { GroupCount } from './change-groups.ts';
import type { Fault } from './faults.ts';
import { openPort } from './open-port.ts';
import type { Assignment, RunningDesign } from './running-design.ts';
import { type CoreState, type CoreUser, type EngineStatus, Session, type SessionCore } from './session.ts';
import { carryOut } from './set-faults.ts';
import { listenTcp } from './tcp.ts';
import { listenWebSocket, WEBSOCKET_PATH } from './websocket.ts';
import type { Listen, Listener, Wire } from './wire.ts';

export const HOST = '127.0.0.1';

export type CoreDefinition = {
  name: string;
  /** The model. @default "Core 110f" */
  platform?: string;
  /** Who must log on; without one, anybody controls it. */
  user?: CoreUser;
  /** Ports that are taken are replaced by free ones. Real Cores have 1710. @default free ones */
  tcpPort?: number;
  webSocketPort?: number;
};

type CoreOptions = { definition: CoreDefinition; design: RunningDesign; silenceMs: number; seed: number };

type Ports = { tcp: Listener; webSocket: Listener };
/** Somebody may have taken a port while its Core was away; mostly a client that tried to connect to it, and is soon gone. */
const REOPEN_TRIES = 40;
/** A Q-SYS Core that speaks QRC at two ports of loopback. */
export class Core {
  readonly name: string;
  readonly host = HOST;
  readonly user: CoreUser | null;
  readonly #platform: string;
  readonly #design: RunningDesign;
  readonly #core: SessionCore;
  readonly #sessions = new Set<Session>();
  readonly #groupCount: GroupCount = { groups: 0 };
  readonly #late = new Set<NodeJS.Timeout>();
  readonly #tellStatus = (): void => {
    for (const session of this.#sessions) session.tellStatus();
  };
  /** The other Core of a redundant pair. */
  #partner: Core | null = null;
  #ports: Ports | null = null;
  #isAway = false;
  #isClosed = false;
  #tcpPort = 0;
  #webSocketPort = 0;
  #fault: Fault | null = null;
  #state: CoreState = 'Active';
  #status = { Code: 0, String: 'OK' };
  #setsReceived = 0;

  constructor({ definition, design, silenceMs, seed }: CoreOptions) {
    this.name = definition.name;
    this.user = definition.user ?? null;
    this.#platform = definition.platform ?? 'Core 110f';
    this.#design = design;
    design.onStatus.add(this.#tellStatus);
    this.#core = {
      design,
      user: this.user,
      silenceMs,
      groupCount: this.#groupCount,
      status: () => this.status,
      fault: () => this.#fault,
      random: seededRandom(seed),
      carryOut: (assignments) => this.#carryOut(assignments),
    };
  }

  get tcpPort(): number {
    return this.#tcpPort;
  }

  get webSocketUrl(): string {
    return `ws://${HOST}:${this.#webSocketPort}${WEBSOCKET_PATH}`;
  }

  get webSocketPort(): number {
    return this.#webSocketPort;
  }

  get design(): RunningDesign {
    return this.#design;
  }

  get fault(): Fault | null {
    return this.#fault;
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  get connections(): number {
    return this.#sessions.size;
  }

  get changeGroups(): number {
    return this.#groupCount.groups;
  }

  /** Requests to set something, whatever became of them; one that sets many controls counts once. */
  get setsReceived(): number {
    return this.#setsReceived;
  }

  get status(): EngineStatus {
    const { name, code } = this.#design.design;
    const isIdle = this.#state === 'Idle';
    return {
      Platform: this.#platform,
      State: this.#state,
      DesignName: isIdle ? '' : name,
      DesignCode: isIdle ? '' : code,
      IsRedundant: this.#partner !== null,
      IsEmulator: false,
      Status: this.#status,
    };
  }

  async open(ports: { tcp: number; webSocket: number }, { tries = 1 } = {}): Promise<void> {
    const accept = (wire: Wire): Session => {
      const session = new Session(wire, this.#core, (closed) => this.#sessions.delete(closed));
      this.#sessions.add(session);
      return session;
    };
    const listen = (by: Listen, port: number): Promise<Listener> =>
      openPort(by, { host: HOST, port }, accept, { tries });
    const tcp = await listen(listenTcp, ports.tcp);
    try {
      this.#ports = { tcp, webSocket: await listen(listenWebSocket, ports.webSocket) };
    } catch (err) {
      await tcp.close();
      throw err;
    }
    this.#tcpPort = tcp.port;
    this.#webSocketPort = this.#ports.webSocket.port;
  }

  /** Makes this Core and `backup` a redundant pair, of which this one is active. */
  pairWith(backup: Core): void {
    this.#partner = backup;
    backup.#partner = this;
    backup.#state = 'Standby';
  }

  setFault(fault: Fault | null): void {
    this.#fault = fault;
  }

  /** Of a redundant pair one becomes what the other ceases to be. */
  setState(state: CoreState): void {
    if (state === this.#state) return;
    this.#state = state;
    if (state !== 'Active') for (const session of this.#sessions) session.forgetGroups();
    if (state === 'Active') this.#partner?.setState('Standby');
    if (state === 'Standby' && this.#partner?.isAway === false) this.#partner.setState('Active');
    this.#tellStatus();
  }

  setStatus(status: { code: number; text: string }): void {
    this.#status = { Code: status.code, String: status.text };
    this.#tellStatus();
  }

  dropConnections(): void {
    for (const session of this.#sessions) session.drop();
  }

  /**
   * Ends all connections, is away for so long, and is back at the same ports with the values of its design. The other of a
   * redundant pair goes on with the values that there are.
   */
  async restart({ awayMs }: { awayMs: number }): Promise<void> {
    if (this.#isAway || this.#isClosed) return;
    this.#isAway = true;
    if (this.#state === 'Active' && this.#partner?.isAway === false) this.setState('Standby');
    await this.#shut();
    await wait(awayMs, undefined, { ref: false });
    if (this.#isClosed) return;
    if (this.#partner === null) this.#design.reset();
    await this.open({ tcp: this.#tcpPort, webSocket: this.#webSocketPort }, { tries: REOPEN_TRIES });
    this.#isAway = false;
    // It was closed while it opened.
    if (this.#isClosed) await this.#shut();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#design.onStatus.delete(this.#tellStatus);
    await this.#shut();
  }

  async #shut(): Promise<void> {
    for (const timer of this.#late) clearTimeout(timer);
    this.#late.clear();
    const ports = this.#ports;
    this.#ports = null;
    await Promise.all([ports?.tcp.close(), ports?.webSocket.close()]);
  }

  #carryOut(assignments: readonly Assignment[]): void {
    this.#setsReceived += 1;
    carryOut(assignments, this.#fault, {
      assign: (done) => this.#design.assign(done),
      later: (delayMs, act) => {
        const timer = setTimeout(() => {
          this.#late.delete(timer);
          act();
        }, delayMs);
        this.#late.add(timer);
      },
    });
  }
}
