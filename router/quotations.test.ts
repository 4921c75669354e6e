import { buildSchema, getVariableValues, Kind, type OperationDefinitionNode, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { valueFaults, variableFaults, withoutValue } from './quotations.ts';

const SECRET = 'open "sesame"; at "input.host"; Field';
const schema = buildSchema(`
  enum Version { V1 V2C }
  input Connection { host: String, port: Int, version: Version, community: String }
  input Add { name: String!, connections: [Connection!] }
  type Query { add(input: Add): Int }
`);
const operation = parse('query ($input: Add!, $other: Int!) { add(input: $input) }')
  .definitions[0] as OperationDefinitionNode;

function messagesFor(variables: Record<string, unknown>): string[] {
  const definitions = operation.variableDefinitions ?? [];
  const { errors = [] } = getVariableValues(schema, definitions, variables, { maxErrors: 50 });
  return variableFaults(errors, () => valueFaults(schema, definitions, variables)).map(({ message }) => message);
}

describe('an error of variables says where and not what', () => {
  const connection = { host: 'h', community: SECRET };
  it.each([
    [
      'a field that there is not',
      { ...connection, portt: 1 },
      '$input" got invalid value at "input.connections[0]"; Field "portt" is not defined by type "Connection". Did you mean "port" or "host"?',
    ],
    [
      'a list for a text',
      { ...connection, community: [SECRET] },
      '$input" got invalid value at "input.connections[0].community"; String cannot represent a non string value.',
    ],
    [
      'a number for a text',
      { ...connection, community: 8472 },
      '$input" got invalid value at "input.connections[0].community"; String cannot represent a non string value.',
    ],
    [
      'a text for a number',
      { ...connection, port: SECRET },
      '$input" got invalid value at "input.connections[0].port"; Int cannot represent non-integer value.',
    ],
    [
      'a value that the enum has not',
      { ...connection, version: SECRET },
      '$input" got invalid value at "input.connections[0].version"; This value does not exist in "Version" enum.',
    ],
    [
      'a text for an object',
      SECRET,
      '$input" got invalid value at "input.connections[0]"; Expected type "Connection" to be an object.',
    ],
  ])('%s', (_what, given, message) => {
    expect(messagesFor({ input: { name: 'n', connections: [given] }, other: 1 })).toEqual([`Variable "${message}`]);
  });

  it('all of them at once, with those that are missing', () => {
    expect(messagesFor({ input: { connections: [{ port: SECRET }, { community: 1 }] } })).toEqual([
      'Variable "$other" of required type "Int!" was not provided.',
      'Variable "$input" got invalid value; Field "name" of required type "String!" was not provided.',
      'Variable "$input" got invalid value at "input.connections[0].port"; Int cannot represent non-integer value.',
      'Variable "$input" got invalid value at "input.connections[1].community"; String cannot represent a non string value.',
    ]);
  });

  it('in a few hundred characters, however long a name is', () => {
    const [message = ''] = messagesFor({ input: { name: 'n', ['x'.repeat(10_000)]: 1 }, other: 1 });
    expect(message.length).toBeLessThan(520);
  });
});

describe('an error of the document says what is wrong and not what was there', () => {
  const literal = JSON.stringify(SECRET);
  const messagesOf = (connection: string): string[] => {
    const source = `{ add(input: { name: "n", connections: ${connection} }) }`;
    try {
      return validate(schema, parse(source)).map(({ message }) => withoutValue(message));
    } catch (err) {
      return [withoutValue(String(err instanceof Error ? err.message : err))];
    }
  };
  it.each([
    [`[{ community: [${literal}] }]`, 'String cannot represent a non string value.'],
    ['[{ community: 8472 }]', 'String cannot represent a non string value.'],
    [`[{ port: ${literal} }]`, 'Int cannot represent non-integer value.'],
    [`[{ version: ${literal} }]`, 'Enum "Version" cannot represent non-enum value.'],
    [`[${literal}]`, 'Expected value of type "Connection!".'],
    ['[null]', 'Expected value of type "Connection!", found null.'],
    [`[{ community ${literal} }]`, 'Syntax Error: Expected ":", found String.'],
    ['[{ community 8472 }]', 'Syntax Error: Expected ":", found Int.'],
    [`{ ${literal} }`, 'Syntax Error: Expected Name, found String.'],
    ['[{ community: ) }]', 'Syntax Error: Unexpected ")".'],
  ])('%s', (connection, message) => {
    expect(messagesOf(connection)).toEqual([message]);
  });

  it('what holds no value is as graphql-js says it', () => {
    const { message } = validate(schema, parse('{ ad }'))[0] ?? { message: '' };
    expect(withoutValue(message)).toBe('Cannot query field "ad" on type "Query". Did you mean "add"?');
    expect(operation.kind).toBe(Kind.OPERATION_DEFINITION);
  });
});
