import type { SubscriptionResolvers } from '../generated/types.ts';
import { checkLiveAsk } from '../live/ask.ts';
import type { LiveEvent } from '../live/view.ts';

export const liveSubscriptions: SubscriptionResolvers = {
  audioControlsChanged: {
    subscribe: (_parent, args, { live }) => live.subscribe(checkLiveAsk(args)),
    resolve: (event: LiveEvent) => event,
  },
};
