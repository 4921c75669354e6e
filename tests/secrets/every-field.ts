import {
  type GraphQLObjectType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { apiSchema } from '../client-operations.ts';

/** The fields of a type that can be asked for as they are. */
const leavesOf = (type: GraphQLObjectType): string[] =>
  Object.values(type.getFields())
    .filter((field) => isLeafType(getNamedType(field.type)) && !field.args.some(isRequiredArgument))
    .map(({ name }) => name);

/** For each type of device a query for all plain values of all devices of that type. */
export function everyDeviceQuery(): string[] {
  const device = apiSchema.getType('Device');
  if (!isInterfaceType(device)) throw new Error('there is no interface Device');
  return apiSchema
    .getPossibleTypes(device)
    .filter(isObjectType)
    .map(
      (type) => `{ devices(first: 100) { nodes { __typename ... on ${type.name} { ${leavesOf(type).join(' ')} } } } }`,
    );
}
