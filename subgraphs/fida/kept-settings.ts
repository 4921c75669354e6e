import type { Queryable } from '@wheelhouse/kit/database.ts';
import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import type { Fault } from '@wheelhouse/kit/settings-manner.ts';
import type { SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import type { Profile } from './profiles/profile.ts';

/** A display and a moment, as far as what we keep of it may depend on them. */
export type About = {
  /** The time zone of its site. */
  timeZone: string;
  /** Undefined until it is known. */
  profile: Profile | undefined;
  now: Date;
};

/** Settings that we keep ourselves instead of the display: accepted is stored. */
export type KeptSettings = {
  /** Their names in the inputs, and in what is wanted, before and read back. */
  names: readonly string[];
  /** What is stored for these displays, by name; what is not stored is left out. */
  find: (db: Queryable, deviceIds: readonly string[]) => Promise<ReadonlyMap<string, SettingsValues>>;
  /**
   * The values as they are to be stored, or what is wrong with them, with paths below the input.
   *
   * @param wanted those of the names that were given; null takes away what is stored
   * @param before what is stored for the display; null for what is not
   */
  check: (
    wanted: SettingsValues,
    before: SettingsValues,
    about: About,
  ) => { values: SettingsValues } | { faults: Fault[] };
  /** What would follow from checked values, for people. */
  effects?: (values: SettingsValues, before: SettingsValues, about: About) => string[];
  /** Stores values in the transaction of the requests; null takes away what is stored. */
  store: (
    tx: Queryable,
    accepted: readonly { deviceId: string; values: SettingsValues; change: SettingsChangeRow }[],
  ) => Promise<void>;
};
