import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { createLogger, type Logger } from '@wheelhouse/kit/logger.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPinger, type IcmpTools, type Look, type PingTarget } from './ping.ts';
import { somePrograms } from './testing/programs.ts';

const icmp = (host: string): PingTarget => ({ host, method: 'ICMP' });

/** A logger, and what it was told. */
function aLogger(): { logger: Logger; lines: { level: string; msg: string; reason?: string }[] } {
  const lines: { level: string; msg: string; reason?: string }[] = [];
  const logger = createLogger({
    name: 'test',
    level: 'info',
    destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
  });
  return { logger, lines };
}

const NOT_THERE = '/nowhere/program';
/** An fping to which these addresses answer, and the others are silent; `at` gets a line for each run. */
const anFping = (answering: string[], at = '/dev/null') => `
  [ "$1" = -q ] && shift
  shift 8
  echo "$@" >> ${at}
  for address in "$@"; do
    case " 127.0.0.1 ${answering.join(' ')} " in
      *" $address "*) echo "$address : 1.5" >&2 ;;
      *) echo "$address : [0], timed out"; echo "$address : -" >&2 ;;
    esac
  done`;
const aPing = (answering: string[]) => `
  for address in "$@"; do :; done
  echo "PING $address ($address) 56(84) bytes of data."
  case " 127.0.0.1 ${answering.join(' ')} " in
    *" $address "*) echo "64 bytes from $address: icmp_seq=1 ttl=64 time=2.5 ms"; loss=0 ;;
    *) loss=100 ;;
  esac
  echo "--- $address ping statistics ---"
  echo "1 packets transmitted, x received, $loss% packet loss, time 0ms"`;
const MAY_NOT = 'echo "fping: can\'t create socket (must run as root?)" >&2; exit 4';

type Setup = { tools: IcmpTools; timeoutMs?: number; retries?: number; nowMs?: () => number };

function aPinger({ tools, timeoutMs = 300, retries = 1, nowMs = () => 0 }: Setup) {
  const { logger, lines } = aLogger();
  const pinger = createPinger({ timeoutMs, retries, tools, logger, nowMs });
  const lookAt = async (hosts: string[], signal = new AbortController().signal): Promise<Record<string, Look>> => {
    const seen = await pinger.lookAt(hosts.map(icmp), { startMs: Date.now(), paceMs: 1, signal });
    expect(seen).toHaveLength(hosts.length);
    return Object.fromEntries(seen.map(({ look }, i) => [hosts[i] ?? '', look]));
  };
  return { pinger, lookAt, lines };
}

describe('a round by fping', () => {
  it('is one process for all hosts, and one more for those without an answer', async () => {
    const file = await somePrograms({ runs: '' });
    const programs = await somePrograms({ fping: anFping(['10.0.0.1', '10.0.0.2'], file('runs')) });
    const { lookAt, lines } = aPinger({ tools: { fping: programs('fping'), ping: NOT_THERE } });
    expect(await lookAt(['10.0.0.1', '10.0.0.9', '10.0.0.2', '10.0.0.8'])).toEqual({
      '10.0.0.1': { kind: 'answered', sent: 1, roundTripTimeMs: 1.5 },
      '10.0.0.2': { kind: 'answered', sent: 1, roundTripTimeMs: 1.5 },
      '10.0.0.8': { kind: 'silent', sent: 2, detail: 'no answer within 300 ms, 2 times' },
      '10.0.0.9': { kind: 'silent', sent: 2, detail: 'no answer within 300 ms, 2 times' },
    });
    const runs = (await readFile(file('runs'), 'utf8')).trim().split('\n').slice(3);
    expect(runs).toEqual(['10.0.0.1 10.0.0.9 10.0.0.2 10.0.0.8', '10.0.0.9 10.0.0.8']);
    expect(lines).toEqual([]);
  });

  it('asks an address of two devices once, and a name by its address', async () => {
    const file = await somePrograms({ runs: '' });
    const programs = await somePrograms({ fping: anFping(['10.0.0.1'], file('runs')) });
    const { lookAt } = aPinger({ tools: { fping: programs('fping'), ping: NOT_THERE } });
    const looks = await lookAt(['10.0.0.1', '10.0.0.1', 'localhost', 'no-such-host.invalid']);
    expect(looks['10.0.0.1']?.kind).toBe('answered');
    expect(looks.localhost?.kind).toBe('answered');
    expect(looks['no-such-host.invalid']).toMatchObject({
      kind: 'couldNotLook',
      cause: { code: 'HOST_NOT_FOUND', text: expect.stringContaining('no-such-host.invalid') },
    });
    const runs = (await readFile(file('runs'), 'utf8')).trim().split('\n').slice(3);
    expect(runs.sort()).toEqual(['10.0.0.1', '127.0.0.1']);
  });

  it("that breaks off is nobody's silence, and the tools are tried anew", async () => {
    const breaking = `${anFping(['10.0.0.1'])}\n[ "$1" = 127.0.0.1 ] || { echo 'fping: out of memory' >&2; exit 4; }`;
    const programs = await somePrograms({ fping: breaking, ping: aPing(['10.0.0.1']) });
    const { lookAt } = aPinger({ tools: { fping: programs('fping'), ping: programs('ping') } });
    for (let i = 0; i < 2; i++) {
      expect(await lookAt(['10.0.0.1', '10.0.0.9'])).toMatchObject({
        '10.0.0.1': { kind: 'couldNotLook', cause: { code: 'TOOL_FAILED' } },
        '10.0.0.9': { kind: 'couldNotLook', cause: { code: 'TOOL_FAILED' } },
      });
    }
  });

  it('ends at once when it is called off, and its process with it', async () => {
    const programs = await somePrograms({ fping: '[ "$9" = 127.0.0.1 ] && echo "$9 : 1" >&2 || exec sleep 60' });
    const { lookAt } = aPinger({ tools: { fping: programs('fping'), ping: NOT_THERE } });
    await lookAt(['127.0.0.1']);
    const aborter = new AbortController();
    const looks = lookAt(['10.0.0.1'], aborter.signal);
    aborter.abort();
    expect(await looks).toMatchObject({ '10.0.0.1': { kind: 'couldNotLook', cause: { code: 'CANCELLED' } } });
  });
});

describe('with an fping', () => {
  it.each<[string, string, 'info' | 'warn']>([
    ['is not installed', '', 'info'],
    ['may not send', MAY_NOT, 'warn'],
    ['hears nothing, not even from loopback', anFping([]).replace('127.0.0.1', ''), 'warn'],
  ])('that %s, every look is a ping, and that is said once', async (_why, script, level) => {
    const programs = await somePrograms({ ...(script !== '' && { fping: script }), ping: aPing(['10.0.0.1']) });
    const { lookAt, lines } = aPinger({ tools: { fping: programs('fping'), ping: programs('ping') } });
    for (let i = 0; i < 2; i++) {
      expect(await lookAt(['10.0.0.1', '10.0.0.9', 'localhost'])).toEqual({
        '10.0.0.1': { kind: 'answered', sent: 1, roundTripTimeMs: 2.5 },
        '10.0.0.9': { kind: 'silent', sent: 2, detail: 'no answer within 300 ms, 2 times' },
        localhost: { kind: 'answered', sent: 1, roundTripTimeMs: 2.5 },
      });
    }
    expect(lines).toMatchObject([{ level: { info: 30, warn: 40 }[level], reason: expect.stringContaining('fping') }]);
  });

  it('and a ping that are not installed nobody looks; that is said once, and tools that come are found within a minute', async () => {
    const programs = await somePrograms({ fping: anFping(['10.0.0.1']) });
    let nowMs = 0;
    const tools = { fping: NOT_THERE, ping: NOT_THERE };
    const { lookAt, lines } = aPinger({ tools, nowMs: () => nowMs });
    const NOBODY_LOOKS = {
      '10.0.0.1': {
        kind: 'couldNotLook',
        cause: { code: 'TOOL_MISSING', text: 'fping is not installed; ping is not installed' },
      },
    };
    expect(await lookAt(['10.0.0.1'])).toEqual(NOBODY_LOOKS);
    tools.fping = programs('fping');
    nowMs = 59_999;
    expect(await lookAt(['10.0.0.1'])).toEqual(NOBODY_LOOKS);
    nowMs = 60_000;
    expect(await lookAt(['10.0.0.1'])).toMatchObject({ '10.0.0.1': { kind: 'answered' } });
    expect(lines.map(({ msg }) => msg)).toEqual(['nothing can be looked at by ICMP', 'ICMP can be sent']);
  });

  it('and a ping that may not send, the reason says so', async () => {
    const mayNot = 'echo "ping: socket: Operation not permitted" >&2; exit 2';
    const programs = await somePrograms({ fping: MAY_NOT, ping: mayNot });
    const { lookAt, lines } = aPinger({ tools: { fping: programs('fping'), ping: programs('ping') } });
    expect(await lookAt(['10.0.0.1'])).toMatchObject({
      '10.0.0.1': { cause: { code: 'TOOL_FORBIDDEN', text: expect.stringMatching(/fping may not.*ping may not/) } },
    });
    expect(lines).toHaveLength(1);
  });
});

it('targets of both methods are looked at at their places, and told in their order', async () => {
  const programs = await somePrograms({ fping: anFping(['10.0.0.1']) });
  const { pinger } = aPinger({ tools: { fping: programs('fping'), ping: NOT_THERE } });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const tcp = (): PingTarget => ({ host: '127.0.0.1', method: 'TCP', port });
  const startMs = Date.now() + 50;
  const targets = [tcp(), icmp('10.0.0.9'), tcp(), icmp('10.0.0.1')];
  const { signal } = new AbortController();
  const seen = await pinger.lookAt(targets, { startMs, paceMs: 20, signal });
  expect(seen.map(({ look }) => look.kind)).toEqual(['answered', 'silent', 'answered', 'answered']);
  // Each method's two are spread over the four places.
  expect(seen.map(({ dueMs }) => dueMs - startMs)).toEqual([0, 0, 40, 40]);
  // A timer may run a millisecond early.
  for (const { atMs, dueMs } of seen) expect(atMs).toBeGreaterThanOrEqual(dueMs - 1);
});

it('no targets are no looks', async () => {
  const { pinger } = aPinger({ tools: { fping: NOT_THERE, ping: NOT_THERE } });
  const chunk = { startMs: Date.now(), paceMs: 1, signal: new AbortController().signal };
  expect(await pinger.lookAt([], chunk)).toEqual([]);
});
