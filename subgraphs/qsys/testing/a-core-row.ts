import type { CoreRow } from '../store.ts';

const measuredAt = new Date('2026-11-25T09:00:00.000Z');

/** A Core that answered at its last look. */
export const aCoreRow = (overrides: Partial<CoreRow> = {}): CoreRow => ({
  ...{ deviceId: 'a', slot: measuredAt, lookedAt: measuredAt, lookProblem: null, measuredAt, roundTripMs: 1 },
  ...{ platform: 'Core 110f', engineState: 'ACTIVE', designName: 'Museum', designCode: 'w1' },
  ...{ isRedundant: false, isEmulator: false, problems: [] },
  ...overrides,
});
