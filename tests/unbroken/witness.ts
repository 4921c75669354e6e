import { type ClientOptions, createWheelhouseClient } from '@wheelhouse/client/client.ts';
import { readCursor } from '@wheelhouse/kit/cursor-log.ts';

/** A row of the status log, as the database has it or as a client was told. */
export type Change = {
  position: number;
  /** The device's id; null where the event had an error in its place. */
  device: string | null;
  from: string;
  to: string;
};

type Told = { deviceStatusChanged: { cursor: string; from: string; to: string; device: { id: string } | null } };

const CHANGES = `subscription ($after: String, $filter: DeviceFilter) {
  deviceStatusChanged(after: $after, filter: $filter) { cursor from to device { id } }
}`;
const CHANGES_WITH_DISPLAY = `subscription ($after: String, $filter: DeviceFilter) {
  deviceStatusChanged(after: $after, filter: $filter) { cursor from to device { id ... on FidaDisplay { temperatureCelsius } } }
}`;

export type WitnessOptions = {
  name: string;
  /** The routers that it knows. */
  urls: readonly string[];
  transport?: NonNullable<ClientOptions['transport']>;
  /** Also asks for what another service says about the device. */
  asksForMore?: boolean;
  filter?: Record<string, unknown>;
  /** What its filter lets through. @default everything */
  isWanted?: (change: Change) => boolean;
  /** How long it takes over each event, with a small buffer. @default 0 ms */
  readMs?: number;
  /** Ends and starts anew from the cursor that it kept, after this many events each time. */
  restartsAfter?: number;
};

export type Witness = Required<Pick<WitnessOptions, 'name' | 'isWanted'>> & {
  /** What it was told, in that order. */
  told: Change[];
  /** Rejects when the stream ended for good. */
  failed: Promise<never>;
  stop: () => Promise<void>;
};

/** A client that writes down what it is told, from `after` on. */
export function openWitness(options: WitnessOptions, after: string): Witness {
  const { name, urls, transport = 'websocket', filter = null, readMs = 0, restartsAfter } = options;
  const told: Change[] = [];
  let isStopped = false;
  let leave: () => void = () => {};

  const followOnce = async (from: string): Promise<string> => {
    // Its own pauses are what a client of any kind would make; half a minute is longer than the whole test.
    const client = createWheelhouseClient({ urls, transport, retry: { maxMs: 1_000 } });
    const stream = client.follow<Told>({
      query: options.asksForMore ? CHANGES_WITH_DISPLAY : CHANGES,
      variables: { filter },
      after: from,
      ...(readMs > 0 && { bufferSize: 10 }),
    });
    leave = () => void stream.return?.();
    try {
      for await (const { data, cursor } of stream) {
        const { from, to, device } = data.deviceStatusChanged;
        told.push({ position: readCursor(cursor ?? '')?.position ?? -1, device: device?.id ?? null, from, to });
        if (told.length % (restartsAfter ?? Number.POSITIVE_INFINITY) === 0) break;
        if (readMs > 0) await new Promise((resolve) => setTimeout(resolve, readMs));
      }
      return stream.cursor ?? from;
    } finally {
      client.close();
    }
  };
  const run = (async () => {
    for (let cursor = after; !isStopped; ) cursor = await followOnce(cursor);
  })();
  const failed = run.then(
    () => new Promise<never>(() => {}),
    (err: unknown) => {
      throw new Error(`${name}: the stream ended for good`, { cause: err });
    },
  );
  failed.catch(() => {});
  return {
    name,
    isWanted: options.isWanted ?? (() => true),
    told,
    failed,
    stop: async () => {
      isStopped = true;
      leave();
      await run.catch(() => {});
    },
  };
}

/**
 * What is wrong with what was told: every change of the log that the filter lets through once, in order, and nothing else. An
 * event whose device could not be read at that moment still has its place and its statuses.
 *
 * @param log the rows behind the cursor at which it began, up to the last one looked at
 */
export function faultsOf({ told, isWanted }: Pick<Witness, 'told' | 'isWanted'>, log: readonly Change[]): string[] {
  const end = log.at(-1)?.position ?? 0;
  const wanted = log.filter(isWanted);
  const heard = told.filter(({ position }) => position <= end);
  const text = ({ position, device, from, to }: Change): string => `${position}: ${device} ${from} -> ${to}`;
  const faults: string[] = [];
  const known = new Map(log.map((change) => [change.position, change]));
  const seen = new Set<number>();
  for (const [index, change] of heard.entries()) {
    const row = known.get(change.position);
    if (row === undefined || !isWanted(row)) faults.push(`not asked for: ${text(change)}`);
    else if (text({ ...change, device: change.device ?? row.device }) !== text(row))
      faults.push(`told as ${text(change)}, and is ${text(row)}`);
    if (seen.has(change.position)) faults.push(`told twice: ${text(change)}`);
    else if (change.position < (heard[index - 1]?.position ?? 0)) faults.push(`out of order: ${text(change)}`);
    seen.add(change.position);
  }
  for (const change of wanted) if (!seen.has(change.position)) faults.push(`missed: ${text(change)}`);
  return faults;
}
