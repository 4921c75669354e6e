import { createLogger } from '@wheelhouse/kit/logger.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ANSWERING,
  canMakeNetworks,
  type Namespace,
  openNamespace,
  SILENT,
  USERS,
  WITHOUT_WAY,
} from '../../../tests/network-namespace.ts';
import { has, maySendIcmp } from '../../../tests/programs.ts';
import { createPinger, type IcmpTools, type Look, type PingTarget } from '../ping.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const NOT_THERE = '/nowhere/program';

async function lookAt(tools: IcmpTools, hosts: string[], retries = 1): Promise<Record<string, Look>> {
  const pinger = createPinger({ timeoutMs: 300, retries, tools, logger });
  const targets = hosts.map((host): PingTarget => ({ host, method: 'ICMP' }));
  const chunk = { startMs: Date.now(), paceMs: 1, signal: new AbortController().signal };
  const seen = await pinger.lookAt(targets, chunk);
  return Object.fromEntries(seen.map(({ look }, i) => [hosts[i] ?? '', look]));
}

const answered = { kind: 'answered', sent: 1, roundTripTimeMs: expect.any(Number) };
const silent = { kind: 'silent', sent: 2, detail: 'no answer within 300 ms, 2 times' };
const notSent = { kind: 'couldNotLook', cause: { code: 'NETWORK_ERROR', text: expect.stringContaining('not sent') } };

describe.each(['fping', 'ping'] as const)('the real %s', (tool) => {
  const only = (file: string): IcmpTools => ({ fping: NOT_THERE, ping: NOT_THERE, [tool]: file });

  describe.skipIf(!has(tool) || !maySendIcmp(tool))('on loopback', () => {
    it('is answered by IPv4 and IPv6 addresses and by names, with round trips', async () => {
      const looks = await lookAt(only(tool), ['127.0.0.1', '127.8.9.10', 'localhost']);
      expect(looks).toEqual({ '127.0.0.1': answered, '127.8.9.10': answered, localhost: answered });
      for (const look of Object.values(looks))
        expect(look.kind === 'answered' && (look.roundTripTimeMs ?? 0)).toBeGreaterThan(0);
    });
  });

  describe.skipIf(!has(tool) || !has('ip') || !canMakeNetworks()).each(USERS)(
    'in a network of its own, as %s',
    (user) => {
      let namespace: Namespace;
      beforeAll(async () => {
        namespace = await openNamespace(user, [tool]);
      });
      afterAll(() => namespace?.close());

      it('tells who answers, who is silent, and to whom there is no way', async () => {
        const hosts = [`${ANSWERING}1.2`, `${SILENT}1.2`, `${WITHOUT_WAY}1.2`, '::1', '2001:db8::1'];
        const looks = await lookAt(only(namespace.within(tool)), hosts);
        expect(looks).toEqual({
          [`${ANSWERING}1.2`]: answered,
          [`${SILENT}1.2`]: silent,
          [`${WITHOUT_WAY}1.2`]: notSent,
          '::1': answered,
          '2001:db8::1': notSent,
        });
      });

      it('finds a hundred hosts, each with what is true of it', async () => {
        const hosts = Array.from({ length: 100 }, (_, i) => `${i % 5 === 0 ? SILENT : ANSWERING}7.${i + 1}`);
        const looks = await lookAt(only(namespace.within(tool)), hosts, 0);
        const wrong = hosts.filter((host) => looks[host]?.kind !== (host.startsWith(SILENT) ? 'silent' : 'answered'));
        expect(wrong).toEqual([]);
      });
    },
  );
});
