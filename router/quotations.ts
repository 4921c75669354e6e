import {
  coerceInputValue,
  type GraphQLError,
  type GraphQLSchema,
  isInputType,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import { requestFault } from './faults.ts';

/**
 * graphql-js quotes what it was given in its errors: of a variable that is at fault in one field all of it, a password beside that
 * field too. Errors are shown, logged and kept by many, so these say where the fault is, and not what was there.
 */

/** What graphql-js makes of the runtime's RangeError. */
const STACK_OVERFLOW = 'Maximum call stack size exceeded';

/** Names of fields and variables are the caller's, and may be of any length. */
const shorten = (text: string): string => (text.length <= 500 ? text : `${text.slice(0, 250)} … ${text.slice(-240)}`);

/** As many as graphql-js gives before it stops. */
const MOST_FAULTS = 50;

/** What an error says of a value, without the value. */
export const withoutValue = (message: string): string =>
  message
    // "String cannot represent a non string value: 8472", "Enum "Version" cannot represent non-enum value: "V4". Did you mean ..."
    .replace(/^((?:Enum "\w+"|\w+) cannot represent [\w -]*value): [\s\S]*$/, '$1.')
    // "Value "V4" does not exist in "Version" enum."
    .replace(/^Value "[\s\S]*" does not exist in (?="\w+" enum)/, 'This value does not exist in ')
    // "Expected value of type "ConnectionInput", found { host: "h" }."
    .replace(/^(Expected value of type "[^"]+"), found (?!null\.$)[\s\S]*$/, '$1.')
    // "Syntax Error: Expected ":", found String "open sesame"."
    .replace(
      /^(Syntax Error: (?:Expected [\s\S]*, found|Unexpected) (?:String|BlockString|Int|Float)) "[\s\S]*"\.$/,
      '$1.',
    );

/** Where in a variable: `input.snmp.port`, `input.tags[2]`. */
const placeIn = (name: string, path: readonly (string | number)[]): string =>
  path.reduce<string>((place, key) => (typeof key === 'number' ? `${place}[${key}]` : `${place}.${key}`), name);

/** Every fault of the values of variables, in the order of their definitions. @throws RangeError when they are nested too deeply */
export function valueFaults(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  variables: Readonly<Record<string, unknown>>,
  hideSuggestions = false,
): GraphQLError[] {
  const faults: GraphQLError[] = [];
  for (const definition of definitions) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type as Parameters<typeof typeFromAST>[1]);
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (!isInputType(type) || value === undefined || value === null) continue;
    coerceInputValue(
      value,
      type,
      (path, _value, { message }) => {
        if (faults.length === MOST_FAULTS) return;
        const place = path.length > 0 ? ` at "${placeIn(name, path)}"` : '';
        const text = `Variable "$${name}" got invalid value${place}; ${withoutValue(message)}`;
        faults.push(requestFault(shorten(text), 'BAD_USER_INPUT', { nodes: definition }));
      },
      hideSuggestions,
    );
  }
  return faults;
}

/**
 * What graphql-js found wrong with variables, as the errors that a client gets.
 *
 * @param ofValues the faults of values, in place of those that quote them
 */
export function variableFaults(errors: readonly GraphQLError[], ofValues: () => GraphQLError[]): GraphQLError[] {
  const tooDeep = [requestFault('The variables are nested too deeply', 'BAD_USER_INPUT')];
  if (errors.some(({ message }) => message.startsWith(STACK_OVERFLOW))) return tooDeep;
  const others = errors.filter(({ message }) => !/^Variable "\$\w+" got invalid value /.test(message));
  const faults = others.map(({ message, nodes }) =>
    requestFault(shorten(message), 'BAD_USER_INPUT', { nodes: nodes ?? null }),
  );
  try {
    return others.length === errors.length ? faults : [...faults, ...ofValues()];
  } catch (err) {
    if (err instanceof RangeError) return tooDeep;
    throw err;
  }
}
