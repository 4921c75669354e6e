import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import { Select } from '../../components/select.tsx';
import { texts } from './texts.ts';
import { fittingStep, GROUPS, STEPS, SYSTEMS, type View } from './view-rules.ts';

/** By what is grouped, of which system, and in which steps. */
export function ViewBar(props: { view: View; from: Date; to: Date; onChange: (changed: Partial<View>) => void }) {
  const { view, from, to, onChange } = props;
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
        label={texts.step}
        isLabelHidden
        value={view.step ?? fittingStep(from, to)}
        options={STEPS.map((step) => ({ value: step, text: texts.steps[step] }))}
        onChange={(step) => onChange({ step: step === fittingStep(from, to) ? null : step })}
      />
    </div>
  );
}
