/** Words at the end of a name that are its unit, which is said by itself. */
const UNIT_WORDS =
  /(Percent|Celsius|Ms|Milliseconds|Watts|Volts|Amperes|Lux|Hours|Seconds|Ratio|Bytes|Hertz|Rpm|Db|Dbfs)$/;

/**
 * A metric's or a setting's name in the graph, such as `ambientLightLux`, for people, without its unit where that stands beside it: `Ambient light`. What
 * is no such name, as those that a sound system's designer gave, stays as it is.
 */
export function nameForPeople(name: string, unit: string | null): string {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) return name;
  const bare = unit === null ? name : name.replace(UNIT_WORDS, '') || name;
  const words = bare.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
