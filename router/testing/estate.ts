import type { SubgraphSource } from './subgraph.ts';
import { Topic } from './topic.ts';

/**
 * A small estate in three subgraphs: `devices` owns the Device entity interface, `displays` adds to one implementation,
 * `history` adds to every device through @interfaceObject.
 */
export type Estate = { sources: SubgraphSource[]; changes: Topic<{ deviceStatusChanged: unknown }> };

export const DEVICES = [
  { __typename: 'Display', id: 'd1', name: 'Hall', status: 'ONLINE' },
  { __typename: 'Speaker', id: 's1', name: 'Foyer', status: 'OFFLINE' },
  { __typename: 'Display', id: 'd2', name: 'Attic', status: 'UNKNOWN' },
];

/** Lists in lists of devices, with nulls between them. */
export const RELATED: Readonly<Record<string, (string | null)[][]>> = { d1: [['s1', null, 'd2'], []], s1: [['d1']] };

const byId = (id: unknown) => DEVICES.find((device) => device.id === id) ?? null;

export function anEstate(): Estate {
  const changes = new Topic<{ deviceStatusChanged: unknown }>();
  const devices: SubgraphSource = {
    name: 'devices',
    typeDefs: `
      interface Device @key(fields: "id") { id: ID! name: String! status: Status }
      type Display implements Device @key(fields: "id") { id: ID! name: String! status: Status }
      type Speaker implements Device @key(fields: "id") { id: ID! name: String! status: Status volume: Int }
      enum Status { ONLINE OFFLINE UNKNOWN SECRET @inaccessible }
      type StatusChange { cursor: ID! device: Device to: Status }
      type Query {
        devices(status: Status): [Device]
        device(id: ID!): Device
        echo(text: String = "silence", times: [Int!]): String
        odd: Status
        broken: Int
        secret: String @inaccessible
      }
      type Mutation { rename(id: ID!, name: String!): Device fail: Int }
      type Subscription { deviceStatusChanged(to: Status, after: String): StatusChange! }
    `,
    resolvers: {
      Query: {
        devices: (_: unknown, { status }: { status?: string }) => {
          return DEVICES.filter((device) => status == null || device.status === status);
        },
        device: (_: unknown, { id }: { id: string }) => byId(id),
        echo: (_: unknown, { text, times }: { text?: string; times?: number[] }) => `${text}${times?.join(',') ?? ''}`,
        odd: () => 'SECRET',
        broken: () => {
          throw Object.assign(new Error('the pump is broken'), {
            extensions: { code: 'PUMP', stacktrace: ['at /srv'] },
          });
        },
      },
      Mutation: {
        rename: (_: unknown, { id, name }: { id: string; name: string }) => {
          const device = byId(id);
          return device === null ? null : { ...device, name };
        },
        fail: () => {
          throw new Error('not today');
        },
      },
      Subscription: { deviceStatusChanged: { subscribe: () => changes.subscribe() } },
      Device: { __resolveReference: ({ id }: { id: string }) => byId(id) },
      Display: { __resolveReference: ({ id }: { id: string }) => byId(id) },
      Speaker: { __resolveReference: ({ id }: { id: string }) => byId(id) },
    },
  };
  const displays: SubgraphSource = {
    name: 'displays',
    typeDefs: `
      type Display @key(fields: "id") { id: ID! name: String! @external brightness: Int panel: Panel! @shareable label: String @requires(fields: "name") }
      type Panel { serial: String! lamp: Int! }
      type Query { brightest: Display }
    `,
    resolvers: {
      Query: { brightest: () => ({ id: 'd2', brightness: 0 }) },
      Display: {
        __resolveReference: (reference: { id: string; name?: string }) => ({
          ...reference,
          brightness: reference.id === 'd2' ? 0 : 80,
        }),
        label: ({ name }: { name: string }) => `Display ${name}`,
        panel: ({ id }: { id: string }) => ({ serial: `P-${id}`, id }),
      },
      Panel: {
        lamp: ({ id }: { id: string }) => {
          if (id === 'd2') throw new Error('the lamp does not answer');
          return 7;
        },
      },
    },
  };
  const history: SubgraphSource = {
    name: 'history',
    typeDefs: `
      type Device @key(fields: "id") @interfaceObject { id: ID! changeCount: Int lastChange: Device related: [[Device]!] }
      type Query { busiest: Device }
    `,
    resolvers: {
      Query: { busiest: () => ({ __typename: 'Device', id: 's1' }) },
      Device: {
        __resolveReference: ({ id }: { id: string }) => ({ __typename: 'Device', id }),
        changeCount: ({ id }: { id: string }) => (id === 's1' ? 0 : 3),
        lastChange: () => ({ __typename: 'Device', id: 'd1' }),
        related: ({ id }: { id: string }) => {
          return RELATED[id]?.map((row) => row.map((other) => other && { __typename: 'Device', id: other })) ?? null;
        },
      },
    },
  };
  return { sources: [devices, displays, history], changes };
}
