import { useQuery } from '@apollo/client/react';
import { useEffect } from 'react';
import { type Fault, faultsOf } from '../../../../data/faults.ts';
import { DisplaySettingsDocument } from '../../../../generated/device/sections/settings/graphql.ts';
import { stampOf } from '../../changes-rules.ts';
import { useAsking, useDeviceChanges } from '../../device-changes.tsx';
import type { Display } from './draft-rules.ts';

/** Who may not see the past is not told of others' changes: within this time the page asks for what they made of the settings. */
const REFRESH_MS = 5_000;

export type DisplayState = {
  /** Undefined while it loads. */
  display: Display | undefined;
  faults: readonly Fault[];
  again: () => void;
};

/** The settings of a display, kept up to date while the page is in sight. */
export function useDisplay(id: string): DisplayState {
  const { data, previousData, error, refetch } = useQuery(DisplaySettingsDocument, { variables: { id } });
  // What was there stays where an answer fails to come: a draft stands on it.
  const answered = (data ?? previousData)?.device;
  const device = answered?.id === id ? answered : undefined;
  const { changes, isTold } = useDeviceChanges();
  useAsking(refetch, { everyMs: REFRESH_MS, isOn: !isTold });
  // What was set, and by which version, is the display's state by now.
  const stamp = stampOf(changes);
  useEffect(() => {
    if (stamp !== '') void refetch();
  }, [stamp, refetch]);
  return {
    display: device?.__typename === 'FidaDisplay' ? device : undefined,
    faults: faultsOf(error),
    again: () => void refetch(),
  };
}
