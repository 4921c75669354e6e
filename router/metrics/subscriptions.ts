import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Census } from '../subscriptions/census.ts';
import type { EndReason } from '../subscriptions/subscriber.ts';
import { COMPLETING } from './buckets.ts';

export type SubscriptionMetrics = {
  subscriptionOpened: () => void;
  subscriptionEnded: (reason: EndReason) => void;
  /** Events were completed for one selection, however many share it; `seconds` since the first of them came. */
  events: (count: number, seconds: number) => void;
};

/** @param census looked at when somebody reads the metrics: subscribers are too many to tell each of their steps */
export function subscriptionMetrics(registers: Registry[], census: () => Census): SubscriptionMetrics {
  const opened = new Counter({
    name: 'router_subscriptions_opened_total',
    help: 'Subscriptions that were opened',
    registers,
  });
  const ends = new Counter({
    name: 'router_subscriptions_ended_total',
    help: 'Subscriptions that have ended, by reason',
    labelNames: ['reason'],
    registers,
  });
  const events = new Counter({
    name: 'router_subscription_events_total',
    help: 'Events completed, once for all subscribers that share a selection',
    registers,
  });
  const completing = new Histogram({
    name: 'router_event_seconds',
    help: 'Time from the arrival of an event to its result, what is fetched besides it included; of events completed together, that of the first',
    buckets: COMPLETING,
    registers,
  });
  new Gauge({
    name: 'router_subscriptions_open',
    help: 'Subscriptions that are open',
    registers,
    collect() {
      const { live, catchingUp } = census();
      this.set(live + catchingUp);
    },
  });
  new Gauge({
    name: 'router_subscriptions_catching_up',
    help: 'Of the open subscriptions, those that still hear what happened while they were away; the others are live',
    registers,
    collect() {
      this.set(census().catchingUp);
    },
  });
  new Gauge({
    name: 'router_upstreams_open',
    help: 'Subscriptions open in subgraphs, by state: live (which subscribers share) or catching_up (for one subscriber)',
    labelNames: ['state'],
    registers,
    collect() {
      const { liveUpstreams, catchingUpUpstreams } = census();
      this.set({ state: 'live' }, liveUpstreams);
      this.set({ state: 'catching_up' }, catchingUpUpstreams);
    },
  });
  new Gauge({
    name: 'router_subscription_waiting_max',
    help: 'Events that wait for the subscriber that is furthest behind; at ROUTER_SUBSCRIPTION_QUEUE its stream ends',
    registers,
    collect() {
      this.set(census().mostWaiting);
    },
  });
  new Gauge({
    name: 'router_subscription_events_kept',
    help: 'Past events that are kept for who comes back, of all upstreams together',
    registers,
    collect() {
      this.set(census().kept);
    },
  });
  let counted = 0;
  new Counter({
    name: 'router_subscription_deliveries_total',
    help: 'Events handed to subscribers: one event for a thousand of them is a thousand',
    registers,
    collect() {
      const { delivered } = census();
      this.inc(delivered - counted);
      counted = delivered;
    },
  });
  return {
    subscriptionOpened: () => opened.inc(),
    subscriptionEnded: (reason) => ends.inc({ reason }),
    events: (count, seconds) => {
      events.inc(count);
      completing.observe(seconds);
    },
  };
}
