import { buildClientSchema, type ExecutionResult, execute, getIntrospectionQuery, parse } from 'graphql';
import { DEVICES, RELATED } from './estate.ts';
import type { TestRouter } from './router.ts';

type Device = (typeof DEVICES)[number];

const whole = (device: Device): Record<string, unknown> => ({
  ...device,
  changeCount: device.id === 's1' ? 0 : 3,
  lastChange: () => deviceOf('d1'),
  related: () =>
    RELATED[device.id]?.map((row) => row.map((other) => (other === null ? null : deviceOf(other)))) ?? null,
  ...(device.__typename === 'Display' && {
    brightness: device.id === 'd2' ? 0 : 80,
    label: `Display ${device.name}`,
    panel: {
      serial: `P-${device.id}`,
      lamp: () => {
        if (device.id === 'd2') throw new Error('the lamp does not answer');
        return 7;
      },
    },
  }),
});

function deviceOf(id: string): Record<string, unknown> | null {
  const device = DEVICES.find((candidate) => candidate.id === id);
  return device === undefined ? null : whole(device);
}

const rootValue = {
  devices: ({ status }: { status?: string | null }) => {
    return DEVICES.filter((device) => status == null || device.status === status).map(whole);
  },
  device: ({ id }: { id: string }) => deviceOf(id),
  echo: ({ text, times }: { text?: string; times?: number[] }) => `${text}${times?.join(',') ?? ''}`,
  odd: 'SECRET',
  broken: () => {
    throw new Error('the pump is broken');
  },
  brightest: () => deviceOf('d2'),
  busiest: () => deviceOf('s1'),
  rename: ({ id, name }: { id: string; name: string }) => {
    const device = deviceOf(id);
    return device === null
      ? null
      : { ...device, name, ...(device.label !== undefined && { label: `Display ${name}` }) };
  },
  fail: () => {
    throw new Error('not today');
  },
};

/** The estate as one graphql-js schema without federation: what a query should answer. Its types come from the router. */
export async function createMonolith(
  router: TestRouter,
): Promise<(query: string, variables?: Record<string, unknown>) => Promise<ExecutionResult>> {
  const { data } = await router.query(getIntrospectionQuery());
  const schema = buildClientSchema(data as Parameters<typeof buildClientSchema>[0]);
  return async (query, variables = {}) => {
    return execute({ schema, document: parse(query), rootValue, variableValues: variables });
  };
}
