import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `1m30s` in milliseconds. */
const duration = z
  .string()
  .regex(/^(\d+(ms|s|m|h))+$/, 'must be a duration such as 5s or 1m30s')
  .transform((text) =>
    [...text.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
      (sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS[unit] ?? 0),
      0,
    ),
  );

const list = z.array(z.string(), 'must be a list of words, as in ["node", "main.ts"]');

const checkTest = list.refine(
  ([kind, program]) => kind === 'CMD' && program !== undefined,
  'must be a list that begins with CMD and names a program',
);
const healthCheckShape = z.union(
  [
    z.strictObject({ disable: z.literal(true) }),
    z.strictObject({
      test: checkTest,
      interval: duration.default(30_000),
      timeout: duration.default(30_000),
      retries: z.number().int().positive().default(3),
      start_period: duration.default(0),
    }),
  ],
  'must be "disable: true", or test (a list that begins with CMD), interval, timeout, retries and start_period',
);

const conditions = ['service_started', 'service_healthy', 'service_completed_successfully'] as const;
export type Condition = (typeof conditions)[number];

const dependsOn = z.union(
  [
    z
      .array(z.string())
      .transform((names) => Object.fromEntries(names.map((name) => [name, 'service_started' as Condition]))),
    z
      .record(z.string(), z.strictObject({ condition: z.enum(conditions) }))
      .transform((all) => Object.fromEntries(Object.entries(all).map(([name, { condition }]) => [name, condition]))),
  ],
  `must name services, each with one of the conditions ${conditions.join(', ')}`,
);

/** `127.0.0.1:4000-4001:4000` */
const publishedPort = z
  .string()
  .regex(/^[0-9.]+:\d+(-\d+)?:\d+$/, 'must be ADDRESS:PORT:PORT or ADDRESS:FIRST-LAST:PORT')
  .transform((text) => {
    const [host = '', outside = '', inside] = text.split(':');
    const [first, last = first] = outside.split('-');
    return { host, first: Number(first), last: Number(last), inside: Number(inside) };
  });

const environmentValue = z.union(
  [z.string(), z.number().transform(String), z.null()],
  'must be a text or a number, or empty for what the caller has set',
);

/** What only containers have: plain processes share the machine's files, users and limits. */
const forContainersOnly = {
  build: z.unknown().optional(),
  cap_drop: z.unknown().optional(),
  read_only: z.unknown().optional(),
  security_opt: z.unknown().optional(),
  stop_grace_period: z.unknown().optional(),
  user: z.unknown().optional(),
  volumes: z.unknown().optional(),
};

/** What a service block may hold; anything else is refused, since plain processes would quietly run without it. */
export const serviceShape = z.strictObject({
  ...forContainersOnly,
  image: z.string(),
  command: list.min(1, 'must name a program').optional(),
  environment: z.record(z.string(), environmentValue).default({}),
  restart: z.enum(['no', 'always', 'unless-stopped']).default('no'),
  deploy: z.strictObject({ replicas: z.number().int().min(1).max(100) }).default({ replicas: 1 }),
  depends_on: dependsOn.default({}),
  healthcheck: healthCheckShape.optional(),
  ports: z.array(publishedPort).default([]),
});

export const fileShape = z.looseObject({
  services: z.record(z.string(), z.unknown(), 'must hold a block for each service'),
});
