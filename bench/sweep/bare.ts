// The other side of the bench: what a careful user of net-snmp writes to read the same varbinds, and nothing besides. One
// session per display, one GET, every varbind checked, the values in a Map; nothing is decoded, decided, or kept.
import * as snmp from 'net-snmp';
import { ACCESS, type BareDone, type BareRound, type BareSetup, HOST } from './peers.ts';

const AT_A_TIME = 50;
/** Enough for a figure, and a light load for whoever shares the machine. */
const BURST_GETS = 2_000;

const { version, ports, oids }: BareSetup = await new Promise((resolve) => process.once('message', resolve));
process.once('disconnect', () => process.exit());

function open(port: number): snmp.Session {
  const settings = { port, timeout: 1_000, retries: 1 };
  const { user, authKey, privKey } = ACCESS.V3;
  const v3User = {
    name: user,
    level: snmp.SecurityLevel.authPriv,
    authProtocol: snmp.AuthProtocols.sha256,
    authKey,
    privProtocol: snmp.PrivProtocols.aes,
    privKey,
  };
  const session =
    version === 'V3'
      ? snmp.createV3Session(HOST, v3User, settings)
      : snmp.createSession(HOST, ACCESS.V2C.community, { ...settings, version: snmp.Version2c });
  session.on('error', (err) => process.stderr.write(`${err}\n`));
  return session;
}

const readAll = (session: snmp.Session): Promise<Map<string, unknown>> =>
  new Promise((resolve, reject) => {
    session.get(oids, (err, varbinds = []) => {
      if (err) return reject(err);
      const values = new Map<string, unknown>();
      for (const varbind of varbinds) if (!snmp.isVarbindError(varbind)) values.set(varbind.oid, varbind.value);
      resolve(values);
    });
  });

async function readFresh(port: number): Promise<Map<string, unknown>> {
  const session = open(port);
  try {
    return await readAll(session);
  } finally {
    session.close();
  }
}

const sessions = new Map<number, snmp.Session>();
function readKept(port: number): Promise<Map<string, unknown>> {
  const session = sessions.get(port) ?? open(port);
  sessions.set(port, session);
  return readAll(session);
}

async function runRound(round: BareRound): Promise<BareDone> {
  let answered = 0;
  let failed = 0;
  let firstFailure: unknown = null;
  const visit = async (port: number): Promise<void> => {
    try {
      const values = await (round.kind === 'kept' ? readKept(port) : readFresh(port));
      if (values.size > 0) answered += 1;
    } catch (err) {
      failed += 1;
      firstFailure ??= err;
    }
  };
  if (round.kind === 'burst') {
    const left = ports.slice(0, BURST_GETS).values();
    await Promise.all(
      Array.from({ length: AT_A_TIME }, async () => {
        for (const port of left) await visit(port);
      }),
    );
  } else {
    await Promise.all(
      ports.map(async (port, index) => {
        const waitMs = round.startMs + index * round.paceMs - Date.now();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        await visit(port);
      }),
    );
  }
  if (failed > 0) process.stderr.write(`${failed} bare GETs failed: ${firstFailure}\n`);
  return { answered, failed };
}

process.on('message', (round: BareRound) => {
  void runRound(round).then((done) => process.send?.(done));
});
process.send?.('ready');
