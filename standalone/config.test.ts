import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDevicesConfig } from '@wheelhouse/devices/config.ts';
import { readFidaConfig } from '@wheelhouse/fida/config.ts';
import { readRouterConfig } from '@wheelhouse/router/config.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkSettings, DECIDED, readStandaloneConfig } from './config.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

describe('the settings', () => {
  it('are all checked before anything starts, and every fault is named', async () => {
    const env = {
      PORT: 'http',
      DATABASE_URL: 'mysql://db',
      REDIS_URL: 'http://redis',
      WHEELHOUSE_SWEEP_SECONDS: '0',
      FIDA_SNMP_RETRIES: 'x',
      ROUTER_MAX_DEPTH: '0',
    };
    const check = checkSettings(env);
    await expect(check).rejects.toThrow(/^These settings are wrong:\n/);
    for (const name of Object.keys(env)) await expect(check).rejects.toThrow(`\n  ${name}: `);
  });

  it('need nothing set', async () => {
    const config = await checkSettings({});
    expect(config).toMatchObject({ host: '127.0.0.1', port: undefined, databaseUrl: undefined, redisUrl: undefined });
  });

  it.each(['127.0.0.1', '127.9.8.7', 'localhost', '::1'])('let everybody do everything where HOST is %s', (HOST) => {
    expect(readStandaloneConfig({ HOST, WHEELHOUSE_ANONYMOUS_ROLE: 'ADMIN' }).host).toBe(HOST);
  });

  it.each(['0.0.0.0', '::', '192.0.2.7', 'example.org', '127.0.0.1.example.org'])(
    'let nobody set devices without signing in where HOST is %s, which others reach',
    (HOST) => {
      for (const WHEELHOUSE_ANONYMOUS_ROLE of ['', 'NONE', 'VIEWER', 'ANALYST'])
        expect(readStandaloneConfig({ HOST, WHEELHOUSE_ANONYMOUS_ROLE }).host).toBe(HOST);
      for (const WHEELHOUSE_ANONYMOUS_ROLE of ['OPERATOR', 'ADMIN'])
        expect(() => readStandaloneConfig({ HOST, WHEELHOUSE_ANONYMOUS_ROLE })).toThrow(/without signing in/);
    },
  );
});

describe('.env.example', () => {
  let example: Record<string, string>;
  beforeAll(async () => {
    const text = await readFile(join(ROOT, '.env.example'), 'utf8');
    example = Object.fromEntries(
      [...text.matchAll(/^# ([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
    );
  });

  it('has exactly the settings that the config.ts files read', async () => {
    const read = new Set<string>();
    const files = glob('{kit,router,standalone,simulators,subgraphs/*}/config.ts', { cwd: ROOT });
    for await (const file of files) {
      for (const [, name] of (await readFile(join(ROOT, file), 'utf8')).matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm))
        read.add(name ?? '');
    }
    expect(Object.keys(example).sort()).toEqual([...read].sort());
  });

  it('shows the defaults', () => {
    const shown = { ...example, ...DECIDED };
    expect(readDevicesConfig(shown)).toEqual(readDevicesConfig(DECIDED));
    expect(readFidaConfig(shown)).toEqual(readFidaConfig(DECIDED));
    expect(readRouterConfig(example)).toEqual(readRouterConfig({}));
    expect({ ...readStandaloneConfig(example), port: undefined }).toEqual(readStandaloneConfig({}));
  });
});
