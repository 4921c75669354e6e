import {
  type ConstDirectiveNode,
  defaultFieldResolver,
  GraphQLError,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  valueFromASTUntyped,
} from 'graphql';
import { z } from 'zod';
import { callerError, type ErrorCode } from './errors.ts';
import { type Asserted, type Identity, isAnonymous } from './identity.ts';

/** Who may ask for a field: whoever signed in, or who holds all scopes of one of these lists. */
export type FieldRule = { kind: 'signedIn' } | { kind: 'scopes'; anyOf: readonly (readonly string[])[] };

const AUTHENTICATED = 'authenticated';
const REQUIRES_SCOPES = 'requiresScopes';
/** The directives of Apollo Federation that say who may see what. The last one nobody here can decide. */
const RULES = [AUTHENTICATED, REQUIRES_SCOPES, 'policy'];

const scopesShape = z.array(z.array(z.string()).min(1)).min(1);

const isRule = ({ name }: ConstDirectiveNode): boolean => RULES.includes(name.value);

/** Whether a field has a rule of its own. */
export const hasRule = ({ astNode }: Pick<GraphQLField<unknown, unknown>, 'astNode'>): boolean =>
  astNode?.directives?.some(isRule) === true;

/**
 * The rule that a directive of this name declares, by whatever name a schema links it; null for one that is no rule.
 *
 * @throws Error that names the field, for a rule that nobody would enforce, or that would let everybody in
 */
export function ruleBy(name: string, directive: ConstDirectiveNode, coordinate: string): FieldRule | null {
  if (!RULES.includes(name)) return null;
  if (name === AUTHENTICATED) return { kind: 'signedIn' };
  if (name !== REQUIRES_SCOPES) throw new Error(`@${name} at ${coordinate} is enforced by nobody`);
  const value = directive.arguments?.find((argument) => argument.name.value === 'scopes')?.value;
  const scopes = scopesShape.safeParse(value && valueFromASTUntyped(value));
  if (!scopes.success)
    throw new Error(`@${REQUIRES_SCOPES} at ${coordinate} must name scopes, in lists of one or more`);
  return { kind: 'scopes', anyOf: scopes.data };
}

/**
 * The rule that these directives of a field declare; null where they declare none.
 *
 * @throws Error that names the field, for a rule that nobody would enforce
 */
export function ruleOf(directives: readonly ConstDirectiveNode[], coordinate: string): FieldRule | null {
  const [rule, ...others] = directives.filter(isRule);
  if (rule === undefined) return null;
  if (others.length > 0) throw new Error(`${coordinate} has two rules of who may ask for it: one says all`);
  return ruleBy(rule.name.value, rule, coordinate);
}

/** Whether an identity has a scope, wherever it holds. */
const hasScope = ({ grants }: Pick<Identity, 'grants'>, scope: string): boolean =>
  grants.some(({ scopes }) => scopes.includes(scope));

/** Whether a rule lets somebody in. Where their scopes hold is for whom they ask to find out. */
export const admits = (rule: FieldRule, identity: Identity): boolean =>
  rule.kind === 'signedIn'
    ? !isAnonymous(identity)
    : rule.anyOf.some((scopes) => scopes.every((scope) => hasScope(identity, scope)));

/**
 * Why a caller may not ask for a field; null where they may.
 *
 * @returns UNAUTHENTICATED for somebody who did not sign in and would have to, else FORBIDDEN; `requiredScopes` has the lists of scopes
 */
export function refusalOf(rule: FieldRule, identity: Identity, coordinate: string): GraphQLError | null {
  if (admits(rule, identity)) return null;
  if (rule.kind === 'signedIn') return callerError('UNAUTHENTICATED', `${coordinate} is for those who signed in`);
  const needed = `${coordinate} needs the scope ${rule.anyOf.map((scopes) => scopes.join(' with ')).join(' or ')}`;
  if (isAnonymous(identity)) return callerError('UNAUTHENTICATED', `${needed}: sign in`);
  return new GraphQLError(`${needed}, which ${identity.name} does not have`, {
    extensions: { code: 'FORBIDDEN' satisfies ErrorCode, requiredScopes: rule.anyOf },
  });
}

type Resolver = GraphQLFieldResolver<unknown, { identity: Asserted }>;

const guarded =
  (rule: FieldRule, coordinate: string, resolve: Resolver): Resolver =>
  (source, args, context, info) => {
    const refusal = refusalOf(rule, context.identity, coordinate);
    if (refusal !== null) throw refusal;
    return resolve(source, args, context, info);
  };

function guardField(field: GraphQLField<unknown, { identity: Asserted }>, type: string, isSubscription: boolean): void {
  const coordinate = `${type}.${field.name}`;
  const rule = ruleOf(field.astNode?.directives ?? [], coordinate);
  if (rule === null) return;
  // A stream is judged when it begins: who forwarded the caller ends it when their rights end.
  if (isSubscription) field.subscribe = guarded(rule, coordinate, field.subscribe ?? defaultFieldResolver);
  else field.resolve = guarded(rule, coordinate, field.resolve ?? defaultFieldResolver);
}

/**
 * Has the fields of a subgraph's schema refuse those whom its own SDL does not let in, whoever let them come so far: the resolver or
 * `subscribe` of a field with a rule runs only for callers that it admits.
 *
 * @throws Error for a rule that stands where this does not look: on anything but a field of an object type
 */
export function enforceRules(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    const nodes = [type.astNode, ...type.extensionASTNodes];
    const fields = isInterfaceType(type) ? Object.values(type.getFields()) : [];
    const elsewhere = [...nodes, ...fields.map(({ astNode }) => astNode)].flatMap((node) => node?.directives ?? []);
    const [misplaced] = elsewhere.filter(isRule);
    if (misplaced !== undefined)
      throw new Error(
        `@${misplaced.name.value} at ${type.name} is enforced by nobody: rules stand on fields of object types`,
      );
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields()))
      guardField(field, type.name, type === schema.getSubscriptionType());
  }
}
