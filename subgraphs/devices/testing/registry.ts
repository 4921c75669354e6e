import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { createSealer, type Sealer } from '@wheelhouse/kit/sealed.ts';
import { createMigratedDatabase } from '../../../tests/database.ts';
import { addDevice, type Editor } from '../registry.ts';

export const sealer: Sealer = createSealer('5a'.repeat(32));
export const at = new Date('2026-11-22T08:00:00Z');
/** Who adds what tests add. */
export const by: Editor = { at, actor: 'tester', sees: 'everywhere', edits: 'everywhere' };
export const COMMUNITY = 'open-sesame';

/** An AddDeviceInput with what matters to a test in place of what does not. */
export const aDevice = (overrides: Record<string, unknown> = {}): Record<string, unknown> => ({
  name: 'left of the door',
  system: 'FIDA',
  site: 'museum/hall-2',
  snmp: { host: '10.1.2.3', version: 'V2C', community: COMMUNITY },
  ...overrides,
});

export type TestRegistry = DatabaseHandle & {
  url: string;
  /** Adds a device and gives its id. */
  add: (overrides?: Record<string, unknown>) => Promise<string>;
};

/** A migrated database of its own; `close` drops it. */
export async function openTestRegistry(): Promise<TestRegistry> {
  const database = await createMigratedDatabase();
  const handle = openDatabase(database.url);
  return {
    ...handle,
    url: database.url,
    add: (overrides) => addDevice(handle.db, aDevice(overrides), by, sealer),
    close: async () => {
      await handle.close();
      await database.drop();
    },
  };
}
