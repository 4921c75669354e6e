import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { host } from '../host.ts';
import type { DeviceSystemStub } from '../system.ts';

const connection = z
  .strictObject({
    host,
    method: z.enum(['ICMP', 'TCP']).default('ICMP'),
    port: z.number().int().min(1, 'must be 1 to 65535').max(65535, 'must be 1 to 65535').nullish(),
  })
  .check(({ value, issues }) => {
    const fault = (message: string) => issues.push({ code: 'custom', path: ['port'], message, input: value });
    const isGiven = value.port !== undefined && value.port !== null;
    if (value.method === 'TCP' && !isGiven) fault('is needed for method TCP');
    if (value.method === 'ICMP' && isGiven) fault('is not used by method ICMP');
  });

export const system: DeviceSystemStub = {
  system: 'ENTERTAINMENT',
  typeName: 'EntertainmentDevice',
  connectionField: 'ping',
  connection,
  secrets: [],
  address: ({ host, port }) => (port ? `${isIPv6(String(host)) ? `[${host}]` : host}:${port}` : String(host)),
  typeDefs: /* GraphQL */ `
    extend enum DeviceSystem {
      "Exhibits and other things that are pinged."
      ENTERTAINMENT
    }

    extend input AddDeviceInput {
      "How to ping a device."
      ping: PingConnectionInput
    }

    extend input UpdateDeviceInput {
      "How to ping a device; what is left out stays as it is, and null takes it away."
      ping: PingConnectionInput
    }

    "How to ping a device."
    input PingConnectionInput {
      "Host name or IP address."
      host: String
      "How to ping it; ICMP if left out."
      method: PingMethod
      "The TCP port to connect to; needed for TCP, and refused for ICMP."
      port: Int
    }

    "Ways to ping."
    enum PingMethod {
      "An ICMP echo request (RFC 792, RFC 4443)."
      ICMP
      "A TCP connection to a port; one that is refused is an answer as well."
      TCP
    }
  `,
};
