import { z } from 'zod';
import { type CallResult, type ConnectionLimits, QrcConnection } from './connection.ts';
import { type ControlChange, type EngineStatus, engineStatusSchema, pollSchema } from './message.ts';
import type { Ended, QrcAddress } from './transport.ts';
import { dropWatch, makeWatch, type Watch, type WatchMade } from './watch.ts';

export type QrcTarget = QrcAddress & {
  /** Where the Core wants a logon. */
  logon?: { user: string; password: string };
};

export type QrcClientOptions = ConnectionLimits & {
  /** The first wait before a new connection; it doubles up to the last. */
  reconnectMinMs: number;
  reconnectMaxMs: number;
  /** The wait after a logon was refused, since a Core may lock out who tries too often; and after we have refused its certificate. */
  refusedRetryMs: number;
};

/** `reconnectMaxMs` is what "values right within 2 s of its return" leaves room for. */
export const QRC_DEFAULTS: QrcClientOptions = {
  connectTimeoutMs: 3_000,
  callTimeoutMs: 5_000,
  keepAliveMs: 20_000,
  frameLimitBytes: 16 * 1_048_576,
  pendingLimit: 64,
  reconnectMinMs: 100,
  reconnectMaxMs: 1_000,
  refusedRetryMs: 30_000,
};

export type ClientState =
  | { phase: 'connecting' }
  /** Calls are taken. `isStandby`: the Core would refuse all but its status. */
  | { phase: 'ready'; isStandby: boolean }
  | { phase: 'waiting'; ended: Ended; retryInMs: number }
  | { phase: 'closed' };

/** None may throw. */
export type QrcListener = {
  changed: (watchId: string, changes: ControlChange[]) => void;
  /** After each making of a watch: at the start of each connection, and when another design or Core takes over. */
  watched: (watchId: string, made: WatchMade) => void;
  status: (status: EngineStatus) => void;
  state: (state: ClientState) => void;
};

/** Whether it will be no better soon. */
export const isRefusal = ({ loss }: Ended): boolean => loss === 'LOGON_REFUSED' || loss === 'CERTIFICATE_REFUSED';

/** A Core gives a connection no more change groups. */
const MOST_WATCHES = 4;

/** A connection to one Core that is made again whenever it is lost, with its logon and its watches; calls are not. */
export class QrcClient {
  readonly #target: QrcTarget;
  readonly #options: QrcClientOptions;
  readonly #listener: QrcListener;
  readonly #random: () => number;
  #watches: readonly Watch[] = [];
  /** The ids of what the connection has been asked to watch. */
  #groups = new Set<string>();
  /** What was pushed of the watch that is being made: its first values are told before, though both may come in one piece. */
  #pushed: { id: string; changes: ControlChange[] } | null = null;
  /** Counts what is to be watched: a making that is under way gives up for a newer one. */
  #making = 0;
  #connection: QrcConnection | null = null;
  #connectedAtMs = 0;
  #retry: NodeJS.Timeout | null = null;
  #state: ClientState = { phase: 'connecting' };
  #failures = 0;
  #status: EngineStatus | null = null;

  constructor(target: QrcTarget, deps: { options: QrcClientOptions; listener: QrcListener; random?: () => number }) {
    this.#target = target;
    this.#options = deps.options;
    this.#listener = deps.listener;
    this.#random = deps.random ?? Math.random;
    this.#connect();
  }

  get state(): ClientState {
    return this.#state;
  }

  /** What the Core last said of itself on this connection; null before it has. */
  get status(): EngineStatus | null {
    return this.#status;
  }

  /** One call, sent once or not at all; it does not wait for a connection. */
  call<S extends z.ZodType>(method: string, params: unknown, schema: S): Promise<CallResult<z.output<S>>> {
    if (this.#connection !== null && this.#state.phase === 'ready')
      return this.#connection.call(method, params, schema);
    const { phase } = this.#state;
    const detail = this.#state.phase === 'waiting' ? `${this.#state.ended.loss}: ${this.#state.ended.detail}` : phase;
    return Promise.resolve({ kind: 'notSent', reason: 'NOT_CONNECTED', detail });
  }

  /**
   * Has the Core push the values of these, in place of what it was asked to watch before: all of them at first, and then what changes. They are
   * made again on every connection.
   *
   * @param watches at most four
   */
  watch(watches: readonly Watch[]): void {
    if (watches.length > MOST_WATCHES)
      throw new RangeError(`a connection has ${MOST_WATCHES} change groups, not ${watches.length}`);
    this.#watches = watches;
    if (this.#connection !== null && this.#state.phase === 'ready') void this.#watchAll(this.#connection);
  }

  close(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#become({ phase: 'closed' });
    this.#connection?.end({ loss: 'CLOSED', detail: 'closed by us' });
  }

  #connect(): void {
    this.#retry = null;
    this.#status = null;
    this.#groups = new Set();
    this.#pushed = null;
    this.#making += 1;
    this.#connectedAtMs = performance.now();
    const connection: QrcConnection = new QrcConnection(this.#target, this.#options, {
      opened: () => void this.#begin(connection),
      notified: (method, params) => this.#notified(connection, method, params),
      ended: (ended) => this.#ended(ended),
    });
    this.#connection = connection;
  }

  /** Logs on, makes the watches, and then takes calls. */
  async #begin(connection: QrcConnection): Promise<void> {
    const { logon } = this.#target;
    if (logon !== undefined) {
      const params = { User: logon.user, Password: logon.password };
      const result = await connection.call('Logon', params, z.unknown());
      // One on standby may have no more to say than that; its status tells.
      if (result.kind === 'refused' && result.reason !== 'STANDBY') {
        connection.end({ loss: 'LOGON_REFUSED', detail: result.message });
      } else if (result.kind === 'unanswered') connection.end({ loss: 'NO_ANSWER', detail: result.detail });
    }
    // A Core greets with its status; one that does not is asked. It may also want a logon that we were not given.
    const status = await connection.call('StatusGet', 0, engineStatusSchema);
    if (status.kind === 'answered') this.#heard(status.value);
    else if (status.kind === 'refused' && status.reason === 'LOGON_REQUIRED') {
      connection.end({ loss: 'LOGON_REFUSED', detail: status.message });
    } else if (status.kind === 'unanswered') connection.end({ loss: 'NO_ANSWER', detail: status.detail });
    if (!this.#isLive(connection)) return;
    this.#failures = 0;
    this.#become({ phase: 'ready', isStandby: this.#status?.state === 'Standby' });
    await this.#watchAll(connection);
  }

  #isLive(connection: QrcConnection): boolean {
    return this.#connection === connection && this.#state.phase !== 'closed';
  }

  async #watchAll(connection: QrcConnection): Promise<void> {
    this.#pushed = null;
    this.#making += 1;
    const making = this.#making;
    const isCurrent = (): boolean => making === this.#making && this.#isLive(connection);
    // The groups that there are hold other controls, or those of another design; also one that another making was at.
    for (const id of [...this.#groups]) {
      await dropWatch(connection, id);
      if (!isCurrent()) return;
      this.#groups.delete(id);
    }
    for (const watch of this.#watches) {
      if (this.#status?.state === 'Standby') return;
      this.#groups.add(watch.id);
      const pushed = { id: watch.id, changes: [] as ControlChange[] };
      this.#pushed = pushed;
      const made = await makeWatch(connection, watch, isCurrent);
      if (!isCurrent()) return;
      this.#pushed = null;
      this.#listener.watched(watch.id, made);
      const told = made.kind === 'made' ? [made.changes, pushed.changes] : [];
      for (const changes of told) if (changes.length > 0) this.#listener.changed(watch.id, changes);
      // Without its watches a connection is of no use; a new one may have better luck.
      if (made.kind === 'unanswered') connection.end({ loss: 'NO_ANSWER', detail: made.detail });
    }
  }

  #notified(connection: QrcConnection, method: string, params: unknown): void {
    if (!this.#isLive(connection)) return;
    if (method === 'ChangeGroup.Poll') {
      const poll = pollSchema.safeParse(params);
      if (!poll.success || poll.data.Changes.length === 0) return;
      const id = String(poll.data.Id);
      if (this.#pushed?.id === id) this.#pushed.changes.push(...poll.data.Changes);
      else this.#listener.changed(id, poll.data.Changes);
    } else if (method === 'EngineStatus') {
      const status = engineStatusSchema.safeParse(params);
      if (!status.success) return;
      const before = this.#status;
      this.#heard(status.data);
      if (this.#state.phase !== 'ready') return;
      const isOther = before?.state !== status.data.state || before.designCode !== status.data.designCode;
      if (!isOther) return;
      this.#become({ phase: 'ready', isStandby: status.data.state === 'Standby' });
      // The groups of the design, or of the Core, that was active before are gone.
      void this.#watchAll(connection);
    }
  }

  #heard(status: EngineStatus): void {
    this.#status = status;
    this.#listener.status(status);
  }

  #ended(ended: Ended): void {
    this.#connection = null;
    if (this.#state.phase === 'closed') return;
    const { reconnectMinMs, reconnectMaxMs, refusedRetryMs } = this.#options;
    const longestMs = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** this.#failures);
    // Many clients of one Core must not all come back at once. What this one has waited for a connection in vain counts.
    const part = 0.5 + 0.5 * this.#random();
    const waitedMs = this.#state.phase === 'connecting' ? performance.now() - this.#connectedAtMs : 0;
    const retryInMs = isRefusal(ended) ? refusedRetryMs : Math.max(reconnectMinMs * part, longestMs * part - waitedMs);
    this.#failures = Math.min(this.#failures + 1, 20);
    this.#become({ phase: 'waiting', ended, retryInMs });
    this.#retry = setTimeout(() => {
      this.#become({ phase: 'connecting' });
      this.#connect();
    }, retryInMs);
  }

  #become(state: ClientState): void {
    this.#state = state;
    this.#listener.state(state);
  }
}
