import { z } from 'zod';
import type { DeviceSystemStub } from '../system.ts';

export const system: DeviceSystemStub = {
  system: 'APPSPACE',
  typeName: 'SignagePlayer',
  connectionField: 'appspace',
  connection: z.strictObject({
    deviceId: z
      .string()
      .max(100, 'must have at most 100 characters')
      // A comma would be two ids to Appspace.
      .regex(/^[\x21-\x2b\x2d-\x7e]+$/, 'must be an id of Appspace: ASCII without blanks and commas'),
  }),
  secrets: [],
  // It is not reached itself: Appspace is asked of it.
  address: () => null,
  typeDefs: /* GraphQL */ `
    extend enum DeviceSystem {
      "Players of digital signage that Appspace manages."
      APPSPACE
    }

    extend input AddDeviceInput {
      "Which player of the Appspace account a device is."
      appspace: AppspaceConnectionInput
    }

    extend input UpdateDeviceInput {
      "Which player of the Appspace account a device is; what is left out stays as it is."
      appspace: AppspaceConnectionInput
    }

    "Which player of the Appspace account a device is."
    input AppspaceConnectionInput {
      "Appspace's own id of the player; signagePlayersToAdd has it."
      deviceId: String
    }
  `,
};
