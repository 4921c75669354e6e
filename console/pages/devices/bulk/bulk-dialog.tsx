import { useApolloClient } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Field } from '../../../components/field.tsx';
import { Skeleton } from '../../../components/states.tsx';
import { texts as shared } from '../../../components/texts.ts';
import { faultsOf } from '../../../data/faults.ts';
import { SetManyDisplaysDocument } from '../../../generated/devices/graphql.ts';
import {
  type BulkValues,
  chunksOf,
  deedOf,
  type Forecast,
  forecastOf,
  type Result,
  type Target,
} from './bulk-rules.ts';
import { runBulk } from './bulk-run.ts';
import { texts } from './texts.ts';

export type BulkAction = 'ON' | 'OFF' | 'dim';

/** While somebody types a number, not every digit is asked about. */
const TYPING_MS = 400;

type Looked = { values: BulkValues; forecast: Forecast } | { values: BulkValues; fault: string };

/** What would become of each, asked of the graph without a trace; null until it has said so for these very values. */
function useForecast(values: BulkValues | null, targets: readonly Target[]): Looked | null {
  const graph = useApolloClient();
  const [looked, setLooked] = useState<Looked | null>(null);
  const key = values === null ? null : JSON.stringify(values);
  useEffect(() => {
    if (key === null) return;
    const asked: BulkValues = JSON.parse(key);
    let isCurrent = true;
    const look = async (): Promise<void> => {
      try {
        const results: Result[] = [];
        for (const ids of chunksOf(targets.map(({ id }) => id))) {
          const { data } = await graph.mutate({
            mutation: SetManyDisplaysDocument,
            variables: { input: { ids, ...asked, dryRun: true } },
            fetchPolicy: 'no-cache',
          });
          const { results: some = [], userErrors = [] } = data?.setManyDisplaySettings ?? {};
          if (userErrors.length > 0) throw new Error(userErrors.map(({ message }) => message).join('; '));
          results.push(...some);
        }
        if (isCurrent) setLooked({ values: asked, forecast: forecastOf(results) });
      } catch (err) {
        if (isCurrent) setLooked({ values: asked, fault: faultsOf(err)[0]?.message ?? String(err) });
      }
    };
    const timer = setTimeout(() => void look(), TYPING_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [graph, key, targets]);
  return looked !== null && JSON.stringify(looked.values) === key ? looked : null;
}

const percentOf = (text: string): number | null => {
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value) || value < 0 || value > 100 ? null : value;
};

/** Asks before many displays are set: with the deed as its title, and with what will happen to how many of them. */
export function BulkDialog(props: {
  action: BulkAction;
  targets: readonly Target[];
  onClose: () => void;
  onBegun: () => void;
}) {
  const { action, onClose, onBegun } = props;
  // Those that were chosen when it was opened: what is live comes into and goes out of the list meanwhile.
  const [targets] = useState(props.targets);
  const graph = useApolloClient();
  const [percent, setPercent] = useState('50');
  const [reason, setReason] = useState('');
  const brightnessPercent = percentOf(percent);
  const values: BulkValues | null =
    action !== 'dim' ? { power: action } : brightnessPercent === null ? null : { brightnessPercent };
  const looked = useForecast(values, targets);
  const deed = deedOf(values ?? { brightnessPercent: 0 }, targets);
  const forecast = looked !== null && 'forecast' in looked ? looked.forecast : null;
  const isAny = forecast !== null && forecast.changing + forecast.already > 0;
  const begin = (): void => {
    if (values === null || !isAny) return;
    void runBulk(graph, { deed, values, targets, reason: reason.trim() || null });
    onClose();
    onBegun();
  };
  return (
    <Dialog
      role="alertdialog"
      title={values === null ? texts.dimTo : deed}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose} autoFocus>
            {shared.dialog.cancel}
          </Button>
          <Button kind={action === 'OFF' ? 'danger' : 'primary'} onPress={begin} isDisabled={!isAny}>
            {values === null ? texts.dimTo : deed}
          </Button>
        </>
      }
    >
      {action === 'dim' && (
        <Field
          label={texts.brightness}
          value={percent}
          onChange={setPercent}
          isRequired
          error={brightnessPercent === null ? texts.brightnessFault : null}
        />
      )}
      {values !== null && looked === null && (
        <div role="status" aria-label={texts.looking}>
          <Skeleton lines={2} />
        </div>
      )}
      {looked !== null && 'fault' in looked && (
        <p className="field-error" role="alert">
          {looked.fault}
        </p>
      )}
      {forecast !== null && <ForecastWords forecast={forecast} action={action} />}
      <Field label={texts.reason} value={reason} onChange={(text) => setReason(text.slice(0, 500))} />
    </Dialog>
  );
}

const ForecastWords = ({ forecast, action }: { forecast: Forecast; action: BulkAction }) => (
  <ul className="bulk-forecast">
    {forecast.changing > 0 && <li>{texts.consequences[action](forecast.changing)}</li>}
    {forecast.already > 0 && <li>{texts.already(forecast.already)}</li>}
    {forecast.refused.map(({ message, count }) => (
      <li key={message} className="field-error">
        {texts.refused(count, message)}
      </li>
    ))}
    {forecast.changing + forecast.already === 0 ? <li>{texts.nothing}</li> : <li className="quiet">{texts.leave}</li>}
  </ul>
);
