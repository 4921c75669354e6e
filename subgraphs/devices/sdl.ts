import { readFile } from 'node:fs/promises';
import { readDeviceStatusSdl } from '@wheelhouse/contracts/device-status.ts';
import { Kind, parse, print } from 'graphql';
import { systems } from './system.ts';

const own = parse(await readFile(new URL('schema.graphql', import.meta.url), 'utf8'));
const device = own.definitions.find((definition) => definition.kind === Kind.INTERFACE_TYPE_DEFINITION);
if (device?.kind !== Kind.INTERFACE_TYPE_DEFINITION) throw new Error('schema.graphql must define the interface Device');

const { description: _, ...shape } = device;

/**
 * Every system's type has all fields of the interface, so they are written once: in the interface. What the type is, its own
 * subgraph describes.
 */
const types = systems.map((stub) =>
  print({
    ...shape,
    kind: Kind.OBJECT_TYPE_DEFINITION,
    name: { kind: Kind.NAME, value: stub.typeName },
    interfaces: [{ kind: Kind.NAMED_TYPE, name: device.name }],
  }),
);

export const typeDefs = [
  await readDeviceStatusSdl(),
  print(own),
  ...types,
  ...systems.map((stub) => stub.typeDefs),
].join('\n\n');
