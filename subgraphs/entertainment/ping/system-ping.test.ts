import { describe, expect, it } from 'vitest';
import type { ProgramEnd } from './run-program.ts';
import { readPing, tryByPing } from './system-ping.ts';

// As iputils 20221126 writes them.
const ANSWERED = `PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.
64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.762 ms

--- 10.0.0.1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 0.762/0.762/0.762/0.000 ms
`;
const SILENT = `PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.

--- 10.0.0.1 ping statistics ---
1 packets transmitted, 0 received, 100% packet loss, time 0ms

`;
const UNREACHABLE = `PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.
From 10.9.0.1 icmp_seq=1 Destination Host Unreachable

--- 10.0.0.1 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms

`;
const GERMAN = `PING 10.0.0.1 (10.0.0.1) 56(84) Bytes Daten.
64 Bytes von 10.0.0.1: icmp_seq=1 ttl=64 Zeit=0.762 ms

--- 10.0.0.1 Ping-Statistiken ---
1 Pakete übertragen, 1 empfangen, 0% packet loss, Zeit 0 ms
rtt min/avg/max/mdev = 0.762/0.762/0.762/0.000 ms
`;

describe("ping's output", () => {
  it.each([
    ['an answer', ANSWERED, { kind: 'answered', roundTripTimeMs: 0.762 }],
    ['silence', SILENT, { kind: 'noAnswer', told: null }],
    ['what a router says', UNREACHABLE, { kind: 'noAnswer', told: '10.9.0.1 says: Destination Host Unreachable' }],
    ['an answer in another language', GERMAN, { kind: 'answered', roundTripTimeMs: 0.762 }],
    [
      'an answer over IPv6',
      ANSWERED.replaceAll('10.0.0.1', '2001:db8::1'),
      { kind: 'answered', roundTripTimeMs: 0.762 },
    ],
  ])('tells %s', (_what, stdout, found) => {
    expect(readPing('10.0.0.1', stdout)).toEqual(found);
  });

  it.each([
    ['nothing', ''],
    ['one word, which the package can not take apart', 'Killed\n'],
    ['two words', 'ping: what\n'],
    ['three equal signs and no time', 'PING 10.0.0.1 (10.0.0.1) 56(84)\nicmp_seq=1 ttl=64 time=\n'],
    ['cut off before the statistics', SILENT.slice(0, 80)],
    ['binary data', '\0\u0001\u0002 \ufffd\n\n\0'],
  ])('is neither when it is %s', (_what, stdout) => {
    expect(readPing('10.0.0.1', stdout)).toBeNull();
  });
});

describe('a run of ping', () => {
  const tryWith = (end: ProgramEnd) =>
    tryByPing(() => Promise.resolve(end), 'ping', '10.0.0.1', {
      timeoutMs: 300,
      signal: new AbortController().signal,
    });
  const ended = (exitCode: number | null, stdout: string, stderr = ''): ProgramEnd => ({
    kind: 'ended',
    exitCode,
    stdout,
    stderr,
  });

  it('asks once, and waits as long as it is told', async () => {
    const runs: (readonly string[])[] = [];
    await tryByPing(
      (_file, args) => {
        runs.push(args);
        return Promise.resolve(ended(0, ANSWERED));
      },
      'ping',
      '10.0.0.1',
      { timeoutMs: 300, signal: new AbortController().signal },
    );
    expect(runs).toEqual([['-n', '-W', '0.3', '-c', '1', '-s', '56', '10.0.0.1']]);
  });

  it.each<[string, ProgramEnd, Record<string, unknown>]>([
    ['an answer', ended(0, ANSWERED), { kind: 'answered' }],
    ['silence', ended(1, SILENT), { kind: 'noAnswer' }],
    [
      'that there is no way',
      ended(2, '', 'ping: connect: Network is unreachable\n'),
      { kind: 'notSent', text: 'the echo request was not sent: ping: connect: Network is unreachable' },
    ],
    ['nothing', ended(2, ''), { kind: 'notSent', text: 'the echo request was not sent: ping did not say why' }],
    [
      'that it may not send',
      ended(2, '', 'ping: socktype: SOCK_RAW\nping: socket: Operation not permitted\n'),
      { kind: 'toolFault', code: 'TOOL_FORBIDDEN' },
    ],
    [
      'that it is not there',
      { kind: 'notStarted', code: 'ENOENT', text: 'x' },
      { kind: 'toolFault', code: 'TOOL_MISSING' },
    ],
    ['nothing in time', { kind: 'late' }, { kind: 'toolFault', code: 'TOOL_FAILED' }],
    ['that it was called off', { kind: 'cancelled' }, { kind: 'toolFault', code: 'CANCELLED' }],
  ])('tells %s', async (_what, end, found) => {
    expect(await tryWith(end)).toMatchObject(found);
  });
});
