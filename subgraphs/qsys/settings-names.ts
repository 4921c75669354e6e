/** A control as callers name it: of a component, or a named control of the design. */
export type ControlName = { component: string | null; name: string };

// RFC 6901 section 3: the slash parts, so that names which hold one are told from those which do not.
const asPart = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');
const asName = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

/** The name under which a control stands in what is wanted and read back: `Foyer Gain/mute`, or `FoyerMute` for a named control. */
export const settingOf = ({ component, name }: ControlName): string =>
  component === null ? asPart(name) : `${asPart(component)}/${asPart(name)}`;

/** The control that a setting's name means. */
export function controlOf(setting: string): ControlName {
  const [first = '', second] = setting.split('/');
  return second === undefined
    ? { component: null, name: asName(first) }
    : { component: asName(first), name: asName(second) };
}
