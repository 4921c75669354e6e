import { type Core, type CoreDefinition, startCores } from '@wheelhouse/simulators/qsys/start-cores.ts';
import { aDesign } from '@wheelhouse/simulators/qsys/testing/design.ts';
import { expect, onTestFinished } from 'vitest';
import { type ClientState, QRC_DEFAULTS, QrcClient, type QrcClientOptions, type QrcTarget } from '../qrc/client.ts';
import type { ControlChange, EngineStatus } from '../qrc/message.ts';
import type { Watch, WatchMade } from '../qrc/watch.ts';

/** A Core, or a pair, until the test is over. */
export async function someCores(
  options: { core?: Partial<CoreDefinition>; isPair?: boolean; silenceMs?: number } = {},
) {
  const { core = {}, isPair = false, silenceMs = 60_000 } = options;
  const backup = isPair ? { backup: { name: 'Backup' } } : {};
  const running = await startCores([{ design: aDesign(), core: { name: 'Core', ...core }, ...backup }], {
    tickMs: 10,
    silenceMs,
  });
  onTestFinished(running.close);
  const [main, other] = running.cores;
  if (main === undefined) throw new Error('no Core was started');
  return { core: main, backup: other ?? main };
}

export type Transport = QrcTarget['transport'];

export const targetOf = (core: Core, transport: Transport): QrcTarget =>
  transport === 'TCP' ? { transport, host: '127.0.0.1', port: core.tcpPort } : { transport, url: core.webSocketUrl };

const QUICK: QrcClientOptions = {
  ...QRC_DEFAULTS,
  connectTimeoutMs: 5_000,
  callTimeoutMs: 5_000,
  reconnectMinMs: 10,
  reconnectMaxMs: 100,
};

type Setup = { options?: Partial<QrcClientOptions>; watches?: readonly Watch[]; logon?: QrcTarget['logon'] };

/** A client, and all that it has told. */
export function aClient(target: QrcTarget, { options = {}, watches = [], logon }: Setup = {}) {
  const told = {
    changes: [] as ControlChange[],
    watched: [] as { id: string; made: WatchMade }[],
    status: [] as EngineStatus[],
    states: [] as ClientState[],
  };
  const client = new QrcClient(
    { ...target, ...(logon === undefined ? {} : { logon }) },
    {
      options: { ...QUICK, ...options },
      listener: {
        changed: (_id, changes) => void told.changes.push(...changes),
        watched: (id, made) => void told.watched.push({ id, made }),
        status: (status) => void told.status.push(status),
        state: (state) => void told.states.push(state),
      },
    },
  );
  client.watch(watches);
  onTestFinished(() => client.close());
  const phase = (wanted: ClientState['phase']) =>
    expect.poll(() => client.state.phase, { interval: 2, timeout: 40_000 }).toBe(wanted);
  /** The last that was told of each control. */
  const values = () =>
    Object.fromEntries(told.changes.map(({ component, name, value }) => [`${component ?? ''}/${name}`, value]));
  const losses = () => told.states.flatMap((state) => (state.phase === 'waiting' ? [state.ended.loss] : []));
  return { client, told, phase, values, losses };
}
