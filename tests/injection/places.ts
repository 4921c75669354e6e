import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  isScalarType,
} from 'graphql';

/** Scalars that hold no text. */
const NUMBERS = ['Int', 'Float', 'Boolean'];
/** How deep an answer is read. What stands deeper was asked for by somebody else. */
const MAX_DEPTH = 2;

/** A place where a caller writes text: an argument, or a field of an input object below it. */
export type Place = {
  /** `Mutation.addDevice(input.snmp.host)`. */
  name: string;
  /** Of the type that has the field. */
  type: string;
  field: GraphQLField<unknown, unknown>;
  /** `input`, `snmp`, `host`. */
  path: readonly string[];
};

/** The paths of texts in a type, each from its argument on. */
function pathsIn(type: GraphQLInputType, path: readonly string[]): (readonly string[])[] {
  const named = getNamedType(type);
  if (isInputObjectType(named))
    return Object.values(named.getFields()).flatMap((field) => pathsIn(field.type, [...path, field.name]));
  return isScalarType(named) && !NUMBERS.includes(named.name) ? [path] : [];
}

/** Every place of the graph; one of an interface's field stands for all types that implement it. */
export function placesOf(schema: GraphQLSchema): Place[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (type.name.startsWith('__') || !(isObjectType(type) || isInterfaceType(type))) return [];
    const inherited = new Set(type.getInterfaces().flatMap((one) => Object.keys(one.getFields())));
    return Object.values(type.getFields())
      .filter(({ name }) => !inherited.has(name))
      .flatMap((field) =>
        field.args
          .flatMap((arg) => pathsIn(arg.type, [arg.name]))
          .map((path) => ({ name: `${type.name}.${field.name}(${path.join('.')})`, type: type.name, field, path })),
      );
  });
}

/** All that can be read of a type without being asked further. */
function selectionOf(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return '';
  const fields = isObjectType(named) || isInterfaceType(named) ? Object.values(named.getFields()) : [];
  const read = fields
    .filter(({ args, type: own }) => args.length === 0 && (depth > 0 || isLeafType(getNamedType(own))))
    .map((field) => `${field.name} ${selectionOf(field.type, depth - 1)}`);
  return `{ __typename ${read.join(' ')} }`;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `value` with `text` at `path`; of a list it is the first item. */
function valueWith(type: GraphQLInputType, value: unknown, path: readonly string[], text: string): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const [held, ...others] = Array.isArray(value) ? value : [value];
    return [valueWith(nullable.ofType, held, path, text), ...others];
  }
  const [first, ...rest] = path;
  if (first === undefined || !isInputObjectType(nullable)) return text;
  const field = nullable.getFields()[first];
  if (field === undefined) throw new Error(`there is no ${nullable.name}.${first}`);
  const held = isObject(value) ? value : {};
  return { ...held, [first]: valueWith(field.type, held[first], rest, text) };
}

export type Asked = { args: string; field: string; variables: Record<string, unknown> };

/** How a field is asked for with `text` at a place, and `others` at all others that are needed. */
export function askedWith({ field, path }: Place, text: string, others: Record<string, unknown>): Asked {
  const [first = '', ...rest] = path;
  const args = field.args.filter(({ name }) => name === first || name in others);
  const variables = Object.fromEntries(
    args.map(({ name, type }) => [name, name === first ? valueWith(type, others[name], rest, text) : others[name]]),
  );
  const given = args.map(({ name }) => `${name}: $${name}`).join(', ');
  return {
    args: `(${args.map(({ name, type }) => `$${name}: ${type}`).join(', ')})`,
    field: `answer: ${field.name}(${given}) ${selectionOf(field.type, MAX_DEPTH)}`,
    variables,
  };
}
