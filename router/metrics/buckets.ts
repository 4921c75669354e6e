/** Seconds, for what waits for other services. */
export const WAITING = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds, for what the router computes by itself. */
export const COMPUTING = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
/** Seconds, for events, most of which take far less than one millisecond where nothing has to be fetched. */
export const COMPLETING = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Units of cost: an object of an answer is one. */
export const COST = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
