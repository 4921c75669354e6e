import { readFile } from 'node:fs/promises';

/** The SDL of the enum DeviceStatus, which must be the same wherever it is spoken of. */
export const readDeviceStatusSdl = (): Promise<string> =>
  readFile(new URL('device-status.graphql', import.meta.url), 'utf8');
