import type { Look } from '../ping.ts';

/** A look that was answered at the first try, with what matters to a test in place of what does not. */
export const anAnswer = (overrides: Partial<Extract<Look, { kind: 'answered' }>> = {}): Look => ({
  kind: 'answered',
  sent: 1,
  roundTripTimeMs: 1.5,
  ...overrides,
});

export const aSilence = (sent = 2): Look => ({ kind: 'silent', sent, detail: 'no answer' });

export const NOT_LOOKED: Look = { kind: 'couldNotLook', cause: { code: 'NETWORK_ERROR', text: 'no way' } };
