import { isIP } from 'node:net';
import { z } from 'zod';

/** Where a device is reached over the network: what every system's connection asks of a host. */
export const host = z
  .string()
  .max(253, 'must have at most 253 characters')
  .refine(
    (text) => isIP(text) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(text),
    'must be a host name or an IP address',
  );
