import '../../../../components/plain-table.css';
import type { PlanPartsFragment } from '../../../../generated/device/sections/settings/graphql.ts';
import { differencesOf } from './change-rules.ts';
import { SETTINGS } from './draft-rules.ts';
import { texts } from './texts.ts';

/** What a plan would change, line by line, and what follows from it. */
export function PlanView({ plan }: { plan: PlanPartsFragment }) {
  const rows = plan.changes.flatMap(({ setting, before, after }) => {
    const name = SETTINGS.find((known) => known === setting);
    if (name === undefined) return [{ setting, part: '', before: String(before), after: String(after) }];
    const title = texts.names[name];
    const lines = differencesOf(name, before, after).map((line) => ({ setting: title, ...line }));
    return lines.length > 0 ? lines : [{ setting: title, part: '', before: texts.plan.same, after: texts.plan.same }];
  });
  return (
    <>
      <table className="plain-table plan-table">
        <thead>
          <tr>
            <th scope="col">{texts.plan.setting}</th>
            <th scope="col">{texts.plan.now}</th>
            <th scope="col">{texts.plan.after}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ setting, part, before, after }) => (
            <tr key={`${setting} ${part}`}>
              <th scope="row">
                {setting} {part !== '' && <span className="quiet">{part}</span>}
              </th>
              <td className="number">
                <del>{before}</del>
              </td>
              <td className="number">
                <ins>{after}</ins>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {plan.effects.length > 0 && (
        <div>
          <h4>{texts.plan.effects}</h4>
          <ul className="plan-effects">
            {plan.effects.map((effect) => (
              <li key={effect}>{effect}</li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
