import { describe, expect, it } from 'vitest';
import { appspaceIdOf, findingOf, isOnAir, type Listing, lookOf, type Player, stateOf } from './rules.ts';
import { aPlayer } from './testing/players.ts';

const listingOf = (players: Player[], problem: string | null = null): Listing => ({
  ...{ atMs: 0, players: new Map(players.map((player) => [player.id, player])), problem },
});

describe('a status of Appspace', () => {
  it.each([
    ['Online', 'ONLINE'],
    ['ONLINE', 'ONLINE'],
    [' online ', 'ONLINE'],
    ['Offline', 'OFFLINE'],
    ['Failed', 'FAILED'],
    ['Communication_Lost', 'COMMUNICATION_LOST'],
    ['CommunicationLost', 'COMMUNICATION_LOST'],
    ['communication lost', 'COMMUNICATION_LOST'],
    ['0', 'ONLINE'],
    ['1', 'OFFLINE'],
    ['2', 'FAILED'],
    ['3', 'COMMUNICATION_LOST'],
    ['4', null],
    ['-1', null],
    ['10', null],
    ['', null],
    ['Sleeping', null],
    ['Not Online', null],
  ])('%j means %s', (status, state) => {
    expect(stateOf(status)).toBe(state);
  });

  it.each([
    ['ONLINE', { kind: 'ANSWERED', problems: [] }],
    ['COMMUNICATION_LOST', { kind: 'ANSWERED', problems: ['Appspace: lost contact, still playing'] }],
    ['FAILED', { kind: 'SILENT', detail: 'Appspace: Failed, the screen may be dark' }],
    ['OFFLINE', { kind: 'SILENT', detail: 'Appspace: Offline' }],
  ] as const)('%s is told to the status engine as %j', (state, finding) => {
    expect(findingOf(lookOf(listingOf([aPlayer({ state })]), 'p1'))).toEqual(finding);
  });
});

describe('a look', () => {
  it.each([
    ['a player that is not in a whole list', listingOf([]), 'Appspace has no player with this id'],
    ['one that is not in a list that broke off', listingOf([], 'it broke off'), 'it broke off'],
    ['one without a status', listingOf([aPlayer({ state: null })]), 'Appspace says nothing of its status'],
    ['one whose status could not be asked for', listingOf([aPlayer({ state: null })], 'status 500'), 'status 500'],
    [
      'one with a status that we do not know',
      listingOf([aPlayer({ state: null, unknownStatus: 'Sleeping' })]),
      'Appspace gives it the status "Sleeping", which means nothing to us',
    ],
  ])('at %s could not be taken, and says why', (_what, listing, detail) => {
    expect(findingOf(lookOf(listing, 'p1'))).toEqual({ kind: 'COULD_NOT_LOOK', detail });
  });

  it('at a player that was listed stands, also when the list broke off behind it', () => {
    expect(lookOf(listingOf([aPlayer()], 'it broke off'), 'p1')).toMatchObject({ kind: 'told' });
  });
});

it.each([
  ['ONLINE', 'Welcome', true],
  ['COMMUNICATION_LOST', 'Welcome', true],
  ['FAILED', 'Welcome', false],
  ['FAILED', null, false],
  ['OFFLINE', 'Welcome', null],
  ['ONLINE', null, null],
  [null, 'Welcome', null],
] as const)('a player that is %s with the channel %j is on air: %j', (state, channelName, onAir) => {
  expect(isOnAir({ state, channelName })).toBe(onAir);
});

it.each([
  [{ deviceId: 'p1' }, 'p1'],
  [{ deviceId: 7 }, null],
  [{ host: 'h' }, null],
  [undefined, null],
])('the connection %j names the player %j', (connection, id) => {
  expect(appspaceIdOf(connection)).toBe(id);
});
