import { useQuery } from '@apollo/client/react';
import { useSearchParams } from 'react-router';
import { Button } from '../../../../components/button.tsx';
import { LocalTimeField } from '../../../../components/local-time-field.tsx';
import { Empty, Failed, PartlyFailed, Skeleton } from '../../../../components/states.tsx';
import { useTimeRange } from '../../../../components/use-time-range.ts';
import { faultsOf } from '../../../../data/faults.ts';
import { exactTime } from '../../../../data/time.ts';
import { useNow } from '../../../../data/use-now.ts';
import { fromLocal, toLocal } from '../../../../data/zone-rules.ts';
import { DeviceThenDocument } from '../../../../generated/device/sections/past/graphql.ts';
import type { SectionProps } from '../../sections.ts';
import { Between } from './between.tsx';
import { CompareTable } from './compare-table.tsx';
import './past.css';
import { compareStates, lastMinute, readOther } from './past-rules.ts';
import { texts } from './texts.ts';

/** The device at the past time that the address names, beside another: the present, or a second past one. */
export function Section({ device, zone }: SectionProps) {
  const { asOf } = useTimeRange();
  const now = useNow();
  const [address, setAddress] = useSearchParams();
  const chosen = readOther(address, now);
  const other = chosen ?? lastMinute(now);
  if (asOf === null) return null;
  const compareWith = (at: Date | null): void =>
    setAddress(
      (before) => {
        if (at === null) before.delete('with');
        else before.set('with', at.toISOString());
        return before;
      },
      { replace: true },
    );
  return (
    <div className="past">
      <div className="past-other">
        <LocalTimeField
          label={texts.compareWith}
          value={toLocal(other, zone)}
          onChange={(local) => {
            const at = fromLocal(local, zone);
            if (at !== null && at.getTime() < now) compareWith(at);
          }}
        />
        <Button onPress={() => compareWith(null)} isDisabled={chosen === null}>
          {texts.now}
        </Button>
        <p className="quiet">{texts.inZone(zone)}</p>
      </div>
      <Compared id={device.id} at={asOf} other={other} zone={zone} />
    </div>
  );
}

function Compared({ id, at, other, zone }: { id: string; at: Date; other: Date; zone: string }) {
  const variables = { id, at: at.toISOString(), other: other.toISOString() };
  const { data, previousData, error, refetch } = useQuery(DeviceThenDocument, { variables, fetchPolicy: 'no-cache' });
  const device = (data ?? previousData)?.device ?? null;
  const faults = faultsOf(error);
  if (device === null)
    return faults.length > 0 ? <Failed faults={faults} onAgain={() => void refetch()} /> : <Skeleton lines={6} />;
  const [past, now] = [device.past ?? null, device.other ?? null];
  return (
    <>
      <PartlyFailed faults={faults} />
      {past === null && faults.length === 0 && <Empty title={texts.none.title}>{texts.none.text}</Empty>}
      {(past !== null || now !== null) && (
        <CompareTable
          rows={compareStates(past, now)}
          isThere={{ past: past !== null, other: now !== null }}
          heads={{ past: exactTime(at, zone), other: exactTime(other, zone) }}
          zone={zone}
        />
      )}
      <Between id={id} one={at} other={other} zone={zone} />
    </>
  );
}
