/** Who listens, and to how much. */
export type Census = {
  /** Subscribers that hear what happens. */
  live: number;
  /** Subscribers that still hear what happened while they were away. */
  catchingUp: number;
  liveUpstreams: number;
  catchingUpUpstreams: number;
  /** Events that wait for the subscriber that is furthest behind. */
  mostWaiting: number;
  /** Past events that are kept, of all upstreams together. */
  kept: number;
  /** Events handed to subscribers so far. */
  delivered: number;
};

export const NOBODY: Census = {
  live: 0,
  catchingUp: 0,
  liveUpstreams: 0,
  catchingUpUpstreams: 0,
  mostWaiting: 0,
  kept: 0,
  delivered: 0,
};
