import { Button } from '../../../components/button.tsx';
import { clockTime, exactInBoth, viewerZone } from '../../../data/time.ts';
import { useZoneBelow } from '../use-zone-below.ts';
import { DifferenceList } from './difference-list.tsx';
import { type Plan, type Refusal, totalOf } from './import-rules.ts';
import { texts } from './texts.ts';

/** What a file would do: counts, the differences in its order, and the button that does it. */
export function PlanView(props: {
  name: string | null;
  plan: Plan;
  onApply: (plan: Plan) => Promise<void>;
  onGone: () => void;
}) {
  const { name, plan, onApply, onGone } = props;
  const zone = useZoneBelow();
  const { added, changed, unchanged, sitesChanged } = plan;
  const total = totalOf(plan);
  const counts: [term: string, count: number][] = [
    [texts.added, added],
    [texts.changed, changed],
    [texts.unchanged, unchanged],
    [texts.sites, sitesChanged],
  ];
  return (
    <section className="plan" aria-labelledby="plan-title">
      <h2 id="plan-title">{texts.counts(name)}</h2>
      <dl className="plan-counts">
        {counts.map(([term, count]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd className="number">{count.toLocaleString('en')}</dd>
          </div>
        ))}
      </dl>
      {total === 0 && <p role="status">{texts.nothing}</p>}
      {plan.id !== null && total > 0 && (
        <div className="plan-apply">
          <Button kind="primary" onPress={() => void onApply(plan)}>
            {texts.apply(added, changed, sitesChanged)}
          </Button>
          <p className="quiet" title={exactInBoth(plan.expiresAt, zone, viewerZone())}>
            {texts.until(clockTime(plan.expiresAt, zone), zone)}
          </p>
        </div>
      )}
      {total > 0 && <DifferenceList key={plan.id ?? plan.madeAt} plan={plan} onGone={onGone} />}
    </section>
  );
}

/** What is refused, each with its place in the file. */
export function Refusals({ refusals }: { refusals: readonly Refusal[] }) {
  if (refusals.length === 0) return null;
  return (
    <section className="refusals" role="alert" aria-labelledby="refusals-title">
      <h2 id="refusals-title">{texts.refusedTitle(refusals.length)}</h2>
      <p>{texts.refusedText}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1) */}
      <section className="refusals-table" aria-label={texts.refusedTable} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.refused.place}</th>
              <th scope="col">{texts.refused.path}</th>
              <th scope="col">{texts.refused.message}</th>
            </tr>
          </thead>
          <tbody>
            {refusals.map(({ path, line, column, message }) => (
              <tr key={`${path} ${line} ${column} ${message}`}>
                <td className="number">{line === null ? '' : texts.place(line, column)}</td>
                <td>{path}</td>
                <td>{message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
