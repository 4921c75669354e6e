import { areaOf } from '@wheelhouse/kit/identity.ts';
import type { SubscriptionResolvers } from '../generated/types.ts';
import { checkLiveAsk } from '../live/ask.ts';
import type { LiveEvent } from '../live/view.ts';

export const liveSubscriptions: SubscriptionResolvers = {
  audioControlsChanged: {
    subscribe: (_parent, args, { live, identity }) =>
      live.subscribe(checkLiveAsk(args, areaOf(identity, 'estate:read'))),
    resolve: (event: LiveEvent) => event,
  },
};
