import type { Page } from '@wheelhouse/kit/connection.ts';
import type { ListedRow, PlayerRow, TargetRow } from './store.ts';

/** A player by its id alone: the rest comes from the loader, which knows nothing of one that the registry has not told of yet. */
export type SignagePlayerShape = Pick<PlayerRow, 'deviceId'> &
  Partial<Omit<PlayerRow, 'deviceId'>> & { connection?: TargetRow['connection'] };

export type SignagePlayerOfferShape = ListedRow;

/** A page of offers; the count is asked for only by who selects it. */
export type SignagePlayerOfferConnectionShape = Page<ListedRow>;
