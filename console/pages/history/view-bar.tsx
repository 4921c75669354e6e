import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import { Select } from '../../components/select.tsx';
import { useNow } from '../../data/use-now.ts';
import { latestMonths } from './month-rules.ts';
import { texts } from './texts.ts';
import { fittingStep, GROUPS, STEPS, SYSTEMS, type View } from './view-rules.ts';

const YEAR = 'year';

/** By what is grouped, of which system, of which months, and in which steps. */
export function ViewBar(props: {
  view: View;
  from: Date;
  to: Date;
  zone: string;
  onChange: (changed: Partial<View>) => void;
  onMonths: (from: Date, to: Date, step: View['step']) => void;
}) {
  const { view, from, to, zone, onChange, onMonths } = props;
  const months = latestMonths(new Date(useNow()), zone, 12);
  const chosen = months.find((month) => month.from.getTime() === from.getTime() && month.to.getTime() >= to.getTime());
  const isYear = view.step === 'MONTH' && months[11]?.from.getTime() === from.getTime();
  const showMonth = (key: string): void => {
    const [current] = months;
    const month = months.find((each) => each.key === key);
    if (month !== undefined) onMonths(month.from, month.to, null);
    else if (key === YEAR && current !== undefined) onMonths(months[11]?.from ?? current.from, current.to, 'MONTH');
  };
  const systems = [
    { value: '', text: texts.allSystems },
    ...SYSTEMS.map((system) => ({ value: system, text: texts.systems[system] })),
  ];
  return (
    <div className="view-bar">
      <ToggleButtonGroup
        className="view-groups"
        aria-label={texts.by}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[view.by]}
        onSelectionChange={(keys) => {
          const by = GROUPS.find((group) => keys.has(group));
          if (by !== undefined) onChange({ by });
        }}
      >
        {GROUPS.map((group) => (
          <ToggleButton key={group} id={group} className="view-group">
            {texts.groups[group]}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <Select
        label={texts.system}
        isLabelHidden
        value={view.system ?? ''}
        options={systems}
        onChange={(system) => onChange({ system: system === '' ? null : system })}
      />
      <Select
        label={texts.months.label}
        isLabelHidden
        value={isYear ? YEAR : (chosen?.key ?? '')}
        options={[
          { value: '', text: texts.months.any },
          ...months.map(({ key, title }, at) => ({ value: key, text: at === 0 ? texts.months.soFar(title) : title })),
          { value: YEAR, text: texts.months.year },
        ]}
        onChange={showMonth}
      />
      <Select
        label={texts.step}
        isLabelHidden
        value={view.step ?? fittingStep(from, to)}
        options={STEPS.map((step) => ({ value: step, text: texts.steps[step] }))}
        onChange={(step) => onChange({ step: step === fittingStep(from, to) ? null : step })}
      />
    </div>
  );
}
