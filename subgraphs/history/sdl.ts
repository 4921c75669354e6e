import { readFile } from 'node:fs/promises';
import { readDeviceStatusSdl } from '@wheelhouse/contracts/device-status.ts';

const own = await readFile(new URL('schema.graphql', import.meta.url), 'utf8');

export const typeDefs = `${await readDeviceStatusSdl()}\n${own}`;
