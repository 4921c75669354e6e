import { readdirSync } from 'node:fs';
import type { z } from 'zod';
import type { DeviceSystem } from './generated/types.ts';

/** What `devices` must know of a system: its type's name, its enum value, its connection input and which parts of it are secret. */
export type DeviceSystemStub = {
  /** The value of the enum DeviceSystem. */
  system: DeviceSystem;
  /** The object type that implements Device. */
  typeName: string;
  /** The field of AddDeviceInput that holds the connection. */
  connectionField: string;
  connection: z.ZodType<Record<string, unknown>>;
  /** Fields of the connection that are sealed at rest and never read back. */
  secrets: readonly string[];
  /**
   * Public fields of the connection that say nothing of where or how its secrets are sent. When any other one changes, the secrets have to be given
   * again, so that nobody gets to know one by leading it to a place of their own.
   */
  apartFromSecrets?: readonly string[];
  /** The device's address for people, from the connection's public fields. */
  address: (connection: Record<string, unknown>) => string | null;
  /** The connection's input types, and the extensions of DeviceSystem, AddDeviceInput and UpdateDeviceInput. */
  typeDefs: string;
};

const folder = new URL('systems/', import.meta.url);

/** All stubs of the folder systems/, in alphabetical order: a new file there is all it takes. */
export const systems: readonly DeviceSystemStub[] = await Promise.all(
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
    .map(async (file): Promise<DeviceSystemStub> => (await import(new URL(file, folder).href)).system),
);

const byName = new Map<string, DeviceSystemStub>(systems.map((stub) => [stub.system, stub]));

/** The stub of a system, or undefined where there is none of that name. */
export const findSystem = (name: string): DeviceSystemStub | undefined => byName.get(name);

/** The stub of a system. @throws Error for a name that no stub has, which only a row of a newer version can hold */
export function systemOf(name: DeviceSystem): DeviceSystemStub {
  const stub = findSystem(name);
  if (stub === undefined) throw new Error(`No file in systems/ describes the system ${name}`);
  return stub;
}
