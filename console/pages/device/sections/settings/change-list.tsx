import { RelativeTime } from '../../../../components/relative-time.tsx';
import { useNow } from '../../../../data/use-now.ts';
import { type Change, canUndo, differencesOf, outcomeOf, settingsIn, valueText } from './change-rules.ts';
import { SETTINGS } from './draft-rules.ts';
import { OutcomeMark } from './outcome-note.tsx';
import { texts } from './texts.ts';
import { UndoButton } from './undo-button.tsx';

const own = texts.changes;
const SHOWN = 8;

/** The latest changes of the display's settings, whoever made them; each can be taken back. */
export function ChangeList(props: {
  changes: readonly Change[];
  zone: string;
  learn: (change: Change) => void;
  canSet: boolean;
  canSeeAll: boolean;
}) {
  const { changes, zone, learn, canSet, canSeeAll } = props;
  return (
    <section className="changes" aria-labelledby="changes-title">
      <h3 id="changes-title">{own.title}</h3>
      {!canSeeAll && <p className="quiet">{own.noRight}</p>}
      {canSeeAll && changes.length === 0 && <p className="quiet">{own.none}</p>}
      <ul>
        {changes.slice(0, SHOWN).map((change) => (
          <li key={change.id} className="change" data-state={change.state}>
            <ChangeWords change={change} zone={zone} />
            {canSet && canUndo(change, changes) && <UndoButton change={change} learn={learn} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function ChangeWords({ change, zone }: { change: Change; zone: string }) {
  const now = useNow();
  const wanted = settingsIn(change.wanted);
  const before = settingsIn(change.before);
  const names = SETTINGS.filter((name) => name in wanted);
  const isAllKept = names.every((name) => outcomeOf(change, name, now).state === 'APPLIED');
  const state = isAllKept
    ? 'APPLIED'
    : outcomeOf(change, names.find((name) => !name.startsWith('hours')) ?? 'power', now).state;
  const whole = change.state === 'MISMATCH' ? 'MISMATCH' : state;
  const told =
    change.state === 'MISMATCH' ? mismatchText(change, now) : change.state === 'APPLIED' ? null : change.detail;
  return (
    <div className="change-words">
      <OutcomeMark state={whole}>{texts.outcomes.short[whole]}</OutcomeMark>
      <span className="number">
        {names.map((name) => (
          <span key={name} className="change-value">
            {texts.names[name]} {name in before && !name.startsWith('hours') && `${valueText(name, before[name])} → `}
            {name.startsWith('hours')
              ? differencesOf(name, before[name] ?? null, wanted[name])
                  .map(({ part, after }) => `${part} ${after}`)
                  .join('; ') || texts.plan.same
              : valueText(name, wanted[name])}
          </span>
        ))}
      </span>
      <span className="quiet">
        {change.requestedBy}, <RelativeTime at={change.at} zone={zone} />
        {change.undoes !== null && `, ${own.takesBack}`}
        {change.reason !== null && ` ${own.reason(change.reason)}`}
      </span>
      {told !== null && <span className="change-detail">{told}</span>}
    </div>
  );
}

/** Where the display says otherwise than was wanted. */
const mismatchText = (change: Change, now: number): string =>
  SETTINGS.filter((name) => name in settingsIn(change.wanted))
    .map((name) => ({ name, ...outcomeOf(change, name, now) }))
    .filter(({ state }) => state === 'MISMATCH')
    .map(({ name, wanted, readBack }) =>
      own.mismatch(texts.names[name], valueText(name, wanted), valueText(name, readBack)),
    )
    .join(' ');
