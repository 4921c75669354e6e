import { useApolloClient } from '@apollo/client/react';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Select } from '../../components/select.tsx';
import { texts as shared } from '../../components/texts.ts';
import { minuteTime } from '../../data/time.ts';
import { DevicesToExportDocument } from '../../generated/history/graphql.ts';
import { useSession } from '../../session/use-session.ts';
import { startDownload } from './downloads.ts';
import { EXPORT_DAYS, EXPORT_STEPS, type Export, isTooLong } from './export-rules.ts';
import { texts } from './texts.ts';
import { SYSTEMS } from './view-rules.ts';

const own = texts.export;

const KINDS = ['availability', 'samples'] as const;
const FORMATS = ['csv', 'ndjson'] as const;

const optionsOf = <Value extends string>(values: readonly Value[], names: Readonly<Record<NoInfer<Value>, string>>) =>
  values.map((value) => ({ value, text: names[value] }));

/** Asks what is exported of the range and places that the page shows, and starts it. */
export function ExportDialog(props: {
  from: Date;
  to: Date;
  site: string | null;
  system: string | null;
  /** In which steps the page shows availability: an export begins with what is looked at. */
  shown: Export['step'];
  zone: string;
  onClose: () => void;
}) {
  const { from, to, site, system, zone, onClose } = props;
  const client = useApolloClient();
  const session = useSession();
  const [kind, setKind] = useState<Export['kind']>('availability');
  const [step, setStep] = useState<Export['step']>(props.shown);
  const [format, setFormat] = useState<Export['format']>('csv');
  const [isBusy, setBusy] = useState(false);
  const systemName = SYSTEMS.find((each) => each === system);

  const start = async (): Promise<void> => {
    setBusy(true);
    const filter = {
      includeRemoved: true,
      ...(site !== null && { sites: [site] }),
      ...(systemName !== undefined && { systems: [systemName] }),
    };
    // Only progress is measured by it: without it there is a file as well.
    const count = await client
      .query({ query: DevicesToExportDocument, variables: { filter }, fetchPolicy: 'no-cache' })
      .then(({ data }) => data?.devices?.totalCount ?? null)
      .catch(() => null);
    startDownload({ kind, step, format, from, to, site, system }, count, session);
    onClose();
  };
  const steps =
    kind === 'samples'
      ? optionsOf(EXPORT_STEPS.samples, own.samplesSteps)
      : optionsOf(EXPORT_STEPS.availability, own.availabilitySteps);
  const long = isTooLong({ from, to });
  return (
    <Dialog
      title={own.title}
      isOpen
      onClose={onClose}
      isBusy={isBusy}
      actions={
        <>
          <Button onPress={onClose}>{shared.dialog.cancel}</Button>
          <Button kind="primary" onPress={() => void start()} isDisabled={long} isPending={isBusy}>
            {own.start}
          </Button>
        </>
      }
    >
      <p>
        {own.of(
          site ?? own.estate,
          systemName === undefined ? own.allSystems : texts.systems[systemName],
          minuteTime(from, zone),
          minuteTime(to, zone),
        )}
      </p>
      <Select
        label={own.what}
        value={kind}
        options={optionsOf(KINDS, own.kinds)}
        onChange={(chosen) => {
          setKind(chosen);
          setStep(EXPORT_STEPS[chosen][0]);
        }}
      />
      <Select<Export['step']> label={own.step} value={step} options={steps} onChange={setStep} />
      <Select label={own.format} value={format} options={optionsOf(FORMATS, own.formats)} onChange={setFormat} />
      {kind === 'availability' && <p className="field-hint">{own.counted}</p>}
      {long && (
        <p className="field-error" role="alert">
          {own.tooLong(EXPORT_DAYS)}
        </p>
      )}
    </Dialog>
  );
}
