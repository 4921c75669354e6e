import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  GraphQLString,
  isEnumType,
} from 'graphql';

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isText = (value: unknown): boolean => typeof value === 'string';

const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  [GraphQLBoolean.name]: (value) => typeof value === 'boolean',
  // Whole, of any size: a service may count further than 32 bits, and clients in JavaScript read it all the same.
  [GraphQLInt.name]: (value) => isNumber(value) && Number.isInteger(value),
  [GraphQLFloat.name]: isNumber,
  [GraphQLString.name]: isText,
  [GraphQLID.name]: (value) => typeof value === 'string' || (isNumber(value) && Number.isInteger(value)),
};

/** Whether a value that is not null may stand in a field of the type. A custom scalar is its service's own affair. */
export function leafCheck(type: GraphQLLeafType): (value: unknown) => boolean {
  if (isEnumType(type)) {
    const names = new Set(type.getValues().map(({ name }) => name));
    return (value) => typeof value === 'string' && names.has(value);
  }
  return CHECKS[type.name] ?? (() => true);
}
