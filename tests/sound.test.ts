import { describe } from 'vitest';
import { crossPointsAreSet } from './sound/cross-points.ts';
import { useSound } from './sound/estate.ts';
import { changesArePlannedAndTakenBack } from './sound/plans.ts';
import { badInputIsRefused } from './sound/refused.ts';
import { coresAreSet } from './sound/set.ts';
import { triggersAreFiredOnce } from './sound/triggers.ts';
import { coresAreWatched } from './sound/watched.ts';

// One Wheelhouse for all of them, one after the other.
describe('Q-SYS Cores', () => {
  const sound = useSound();
  coresAreWatched(sound);
  coresAreSet(sound);
  triggersAreFiredOnce(sound);
  changesArePlannedAndTakenBack(sound);
  crossPointsAreSet(sound);
  badInputIsRefused(sound);
});
