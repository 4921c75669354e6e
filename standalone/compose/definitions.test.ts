// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are placeholders of Compose.
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ComposeFileError, readDefinitions, type ServiceDefinition } from './definitions.ts';

const VARIABLES = { TOKEN: 'secret', PORT: '5000', PASSED: 'on' };

const read = (text: string): ServiceDefinition[] => readDefinitions('compose.yml', text, VARIABLES);
const only = (text: string): ServiceDefinition | undefined => read(text)[0];

function faultsOf(text: string): string[] {
  try {
    read(text);
    return [];
  } catch (err) {
    if (!(err instanceof ComposeFileError)) throw err;
    return err.message.split('\n').map((line) => line.trim());
  }
}

/** A file of one service with these lines more. */
const aService = (...lines: string[]): string =>
  [
    'services:',
    '  one:',
    '    image: own',
    '    build: .',
    '    restart: always',
    '    command: [node, a.ts]',
    ...lines.map((line) => `    ${line}`),
  ].join('\n');

describe('the reader of the compose file', () => {
  it('knows of a service what plain processes need', () => {
    const [database, one] = read(`
x-common: &common
  image: own:local
  build: .
  restart: unless-stopped
  read_only: true
  healthcheck:
    test: [CMD, node, -e, "exit($$PORT)"]
    interval: 5s
    timeout: 1m30s
    retries: 12
services:
  database:
    image: postgres:18
    restart: always
    volumes: [data:/data]
    healthcheck: { test: [CMD, pg_isready], interval: 500ms, start_period: 1m }
  one:
    <<: *common
    command: [node, a.ts, --token, "\${TOKEN}"]
    environment:
      PORT: 4000
      WORD: \${MISSING:-word}
      EMPTY: \${MISSING:-}
      PASSED:
      NOT_PASSED:
    deploy: { replicas: 3 }
    ports: ["127.0.0.1:\${PORT:-4000}-5002:4000"]
    depends_on:
      database: { condition: service_healthy }
volumes:
  data:
`);
    expect(one).toEqual({
      name: 'one',
      image: 'own:local',
      isOurs: true,
      command: ['node', 'a.ts', '--token', 'secret'],
      environment: { PORT: '4000', WORD: 'word', EMPTY: '', PASSED: 'on' },
      replicas: 3,
      isKeptRunning: true,
      dependsOn: [{ name: 'database', condition: 'service_healthy' }],
      healthCheck: {
        command: ['node', '-e', 'exit($PORT)'],
        intervalMs: 5_000,
        timeoutMs: 90_000,
        retries: 12,
        startPeriodMs: 0,
      },
      ports: [{ host: '127.0.0.1', first: 5000, last: 5002, inside: 4000 }],
    });
    expect(database).toMatchObject({ isOurs: false, command: [], replicas: 1, ports: [] });
    expect(database?.healthCheck).toMatchObject({ intervalMs: 500, startPeriodMs: 60_000, retries: 3 });
  });

  it('takes depends_on as a list too, and a health check that is switched off', () => {
    const text = `${aService('depends_on: [two]', 'healthcheck: { disable: true }')}
  two:
    image: redis
    restart: always`;
    expect(only(text)).toMatchObject({ dependsOn: [{ name: 'two', condition: 'service_started' }], healthCheck: null });
  });

  it.each([
    [
      'a key that it does not know',
      aService('networks: [front]'),
      /^services\.one: networks: plain processes can't play this/,
    ],
    [
      'a key below one that it knows',
      aService('deploy: { mode: global, replicas: 2 }'),
      /^services\.one\.deploy: mode: /,
    ],
    [
      'a command that is a line for a shell',
      aService().replace('[node, a.ts]', 'node a.ts'),
      /^services\.one\.command: must be a list/,
    ],
    [
      'a variable that must be set',
      aService('environment: { A: "${NEEDED:?must be set in .env}" }'),
      /^services\.one\.environment\.A: NEEDED must be set in \.env/,
    ],
    ['a list of variables', aService('environment: [A=1]'), /^services\.one\.environment: /],
    [
      'a truth value as a variable',
      aService('environment: { A: true }'),
      /^services\.one\.environment\.A: must be a text or a number/,
    ],
    ['no replicas', aService('deploy: { replicas: 0 }'), /^services\.one\.deploy\.replicas: .*>=1/],
    [
      'a port that is open to all',
      aService('ports: ["4000:4000"]'),
      /^services\.one\.ports\[0\]: must be ADDRESS:PORT:PORT/,
    ],
    [
      'a check for a shell',
      aService('healthcheck: { test: [CMD-SHELL, "exit 0"] }'),
      /^services\.one\.healthcheck\.test: must be a list that begins with CMD/,
    ],
    [
      'a duration without a unit',
      aService('healthcheck: { test: [CMD, a], interval: "5" }'),
      /^services\.one\.healthcheck\.interval: must be a duration/,
    ],
    [
      'a condition that there is not',
      aService('depends_on: { one: { condition: soon } }'),
      /^services\.one\.depends_on: must name services/,
    ],
    [
      'a service that there is not',
      aService('depends_on: [two]'),
      /^services\.one\.depends_on\.two: there is no such service/,
    ],
    ['waiting for itself', aService('depends_on: [one]'), /^services\.one: each waits for itself/],
    [
      'the health of one without a check',
      aService('depends_on: { one: { condition: service_healthy } }'),
      /^services\.one\.depends_on\.one: has no healthcheck/,
    ],
    [
      'one that is neither kept running nor waited for',
      aService().replace('    restart: always\n', ''),
      /^services\.one\.restart: must be "always"/,
    ],
    [
      'one that never ends, and is waited for',
      aService('depends_on: { one: { condition: service_completed_successfully } }'),
      /^services\.one\.restart: must be "no"/,
    ],
    ['no services', 'x-services: {}', /^the file\.services: must hold a block for each service/],
    ['what is not YAML', 'services: [', /./],
  ])('refuses %s', (_, text, fault) => {
    const [title, ...faults] = faultsOf(text);
    expect(title).toBe("compose.yml can't be played by plain processes:");
    expect(faults.filter((line) => fault.test(line))).not.toEqual([]);
  });

  it('names the faults of all services at once', () => {
    const text = `${aService('networks: [front]')}\n  two:\n    image: redis\n    deploy: { replicas: many }`;
    expect(
      faultsOf(text)
        .slice(1)
        .map((line) => line.split(':')[0]),
    ).toEqual(['services.one', 'services.two.deploy.replicas']);
  });

  it('takes the file of this repository, with the secrets that it asks for', async () => {
    const text = await readFile(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
    const secrets = { POSTGRES_PASSWORD: 'p', WHEELHOUSE_SERVICE_TOKEN: 't', WHEELHOUSE_SECRET_KEY: 'k' };
    const services = readDefinitions('docker-compose.yml', text, secrets);
    expect(services.find(({ name }) => name === 'router')).toMatchObject({
      replicas: 2,
      ports: [{ host: '127.0.0.1', first: 4000, last: 4001, inside: 4000 }],
    });
    for (const name of Object.keys(secrets)) {
      const others = Object.fromEntries(Object.entries(secrets).filter(([other]) => other !== name));
      expect(() => readDefinitions('docker-compose.yml', text, others)).toThrow(`${name} must be set in .env`);
    }
    // What stands in files is set to nothing.
    const inFiles = { ...secrets, WHEELHOUSE_SERVICE_TOKEN: '', WHEELHOUSE_SECRET_KEY: '' };
    expect(() => readDefinitions('docker-compose.yml', text, inFiles)).not.toThrow();
  });
});
