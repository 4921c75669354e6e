import { type processesTable, type QueueDepth, SILENT_AFTER_MS } from '@wheelhouse/kit/processes.ts';
import { sweepsOf } from './sweeps.ts';

export type ProcessRow = ReturnType<typeof processesTable>['$inferSelect'];
export type ProcessState = 'UP' | 'SILENT' | 'REPLACED' | 'STOPPED' | 'UNKNOWN';
export type ServiceProcess = ProcessRow & { state: ProcessState };
export type ServiceState = 'UP' | 'DEGRADED' | 'DOWN' | 'MISSING' | 'UNKNOWN';

/** What was read of a service: its processes, with the database's time and since when the database is there; or why nothing could be. */
export type Told = { rows: readonly ProcessRow[]; now: Date; databaseSince: Date } | { problem: string };

export type ServiceHealth = {
  name: string;
  state: ServiceState;
  stateReason: string | null;
  processes: ServiceProcess[];
  sweep: ReturnType<typeof sweepsOf>;
  queues: QueueDepth[];
};

const ROLES = [
  { role: 'SERVER', word: 'server' },
  { role: 'WORKER', word: 'worker' },
] as const;
const secondsBetween = (from: Date, to: Date): number => Math.round((to.getTime() - from.getTime()) / 1_000);

/** The silent ones for which another process came: of the same role, on the same machine, started after they were heard of last; each stands for one. */
function replacedAmong(rows: readonly ProcessRow[], silent: readonly ProcessRow[]): Set<string> {
  const used = new Set<string>();
  const byStart = rows.toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
  const replaced = new Set<string>();
  for (const gone of silent.toSorted((a, b) => a.seenAt.getTime() - b.seenAt.getTime())) {
    const successor = byStart.find(
      ({ id, role, host, startedAt }) =>
        !used.has(id) && role === gone.role && host === gone.host && startedAt > gone.seenAt,
    );
    if (successor === undefined) continue;
    used.add(successor.id);
    replaced.add(gone.id);
  }
  return replaced;
}

/** Each process with how it is. Silence counts from when the database was there to hear. */
export function judgeProcesses(rows: readonly ProcessRow[], now: Date, databaseSince: Date): ServiceProcess[] {
  const isSilent = ({ seenAt, stoppedAt }: ProcessRow): boolean =>
    stoppedAt === null && now.getTime() - seenAt.getTime() > SILENT_AFTER_MS;
  const isDeaf = now.getTime() - databaseSince.getTime() <= SILENT_AFTER_MS;
  const replaced = replacedAmong(rows, rows.filter(isSilent));
  const stateOf = (row: ProcessRow): ProcessState => {
    if (row.stoppedAt !== null) return 'STOPPED';
    if (!isSilent(row)) return 'UP';
    if (replaced.has(row.id)) return 'REPLACED';
    return isDeaf ? 'UNKNOWN' : 'SILENT';
  };
  return rows.map((row) => ({ ...row, state: stateOf(row) }));
}

/** What is wrong with one role of a service, and how bad it is; null where nothing is. */
function roleFault(
  processes: readonly ServiceProcess[],
  word: string,
  now: Date,
): { state: Exclude<ServiceState, 'UP'>; reason: string } | null {
  const [newest] = processes.toSorted((a, b) => b.seenAt.getTime() - a.seenAt.getTime());
  if (newest === undefined) return { state: 'MISSING', reason: `no ${word} was heard of in the last hour` };
  const inState = (state: ProcessState) => processes.filter((process) => process.state === state);
  const [up, silent] = [inState('UP'), inState('SILENT')];
  if (up.length === 0 && inState('UNKNOWN').length > 0)
    return { state: 'UNKNOWN', reason: `no ${word} was heard of since the database is back, which is a moment ago` };
  if (up.length === 0) {
    const ago = secondsBetween(newest.seenAt, now);
    const how = newest.state === 'STOPPED' ? `stopped ${ago} s ago` : `was last heard of ${ago} s ago`;
    return { state: 'DOWN', reason: `no ${word} is there: the last one ${how}` };
  }
  if (silent.length === 0) return null;
  return { state: 'DEGRADED', reason: `${silent.length} of ${up.length + silent.length} ${word}s silent` };
}

/** The newest count of each queue, by name. */
const queuesOf = (rows: readonly ProcessRow[]): QueueDepth[] =>
  [
    ...new Map(
      rows
        .flatMap(({ queues }) => queues ?? [])
        .toSorted((a, b) => a.atMs - b.atMs)
        .map((queue) => [queue.name, queue]),
    ).values(),
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1));

const WORST: readonly ServiceState[] = ['MISSING', 'DOWN', 'UNKNOWN', 'DEGRADED'];

/** How a service is, by what was read of it. */
export function judgeService(name: string, told: Told): ServiceHealth {
  if ('problem' in told)
    return { name, state: 'UNKNOWN', stateReason: told.problem, processes: [], sweep: null, queues: [] };
  const { rows, now } = told;
  const processes = judgeProcesses(rows, now, told.databaseSince);
  const sweep = sweepsOf(rows, now);
  const faults = ROLES.flatMap(({ role, word }) => {
    const ofRole = processes.filter((process) => process.role === role);
    return roleFault(ofRole, word, now) ?? [];
  });
  if (sweep !== null && sweep.missedSlots > 0)
    faults.push({ state: 'DEGRADED', reason: `${sweep.missedSlots} of the last ${sweep.slots} slots not swept` });
  const newestFirst = (a: ServiceProcess, b: ServiceProcess) =>
    Number(a.role === 'WORKER') - Number(b.role === 'WORKER') || b.startedAt.getTime() - a.startedAt.getTime();
  return {
    name,
    state: WORST.find((state) => faults.some((fault) => fault.state === state)) ?? 'UP',
    stateReason: faults.length === 0 ? null : faults.map(({ reason }) => reason).join('; '),
    processes: processes.toSorted(newestFirst),
    sweep,
    queues: queuesOf(rows),
  };
}
