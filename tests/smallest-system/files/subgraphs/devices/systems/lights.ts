import { z } from 'zod';
import type { DeviceSystemStub } from '../system.ts';

export const system: DeviceSystemStub = {
  system: 'LIGHTS',
  typeName: 'Light',
  connectionField: 'light',
  connection: z.strictObject({ host: z.string().min(1).max(253), port: z.number().int().min(1).max(65_535) }),
  secrets: [],
  address: ({ host, port }) => `${host}:${port}`,
  typeDefs: /* GraphQL */ `
    extend enum DeviceSystem {
      "Lights with a web server in them."
      LIGHTS
    }

    extend input AddDeviceInput {
      "How a light is reached."
      light: LightConnectionInput
    }

    extend input UpdateDeviceInput {
      "How a light is reached; what is left out stays as it is."
      light: LightConnectionInput
    }

    "How a light is reached."
    input LightConnectionInput {
      "The host name or IP address."
      host: String
      "The TCP port of its web server."
      port: Int
    }
  `,
};
