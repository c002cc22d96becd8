import { childrenOf, ownConstraints, typeConstraint, type Constraint, type Place } from './constraint.ts'
import type { SchemaNode } from './schema-node.ts'

/** Constraints that are broken together. */
type Broken = readonly Constraint[]

/**
 * The one constraint that a value breaks. More than one where it is an alternative that is broken: what is neither one of the named reasons
 * nor a vendor's breaks either of the two. Empty where the value is valid or breaks several things at once.
 *
 * @param root - Name of the message, as in ids.
 * @param schema - Of the message, as `schemaNode` makes it: no two places share a node.
 */
export function brokenConstraint(root: string, schema: SchemaNode, value: unknown): readonly Constraint[] {
  const ways = waysOf({ root, path: [] }, schema, value)
  const single = ways.flatMap((broken) => (broken.length === 1 ? broken : []))
  return [...new Map(single.map((each) => [each.id, each])).values()]
}

/** What a value breaks, once for each alternative that it comes closest to; of a valid value the one way is empty. */
function waysOf(place: Place, schema: SchemaNode, value: unknown): readonly Broken[] {
  const { type, others } = constraintsAt(place, schema)
  if (type?.keeps(value) === false) return [[type]]
  const own = others.filter(({ keeps }) => !keeps(value))
  const parts = childrenOf(place, schema, value).flatMap(([child, node, values]) =>
    values.map((each) => waysOf(child, node, each)),
  )
  const branch = schema.anyOf ? [closest(place, schema.anyOf, value)] : []
  return [...parts, ...branch].reduce<readonly Broken[]>(
    (ways, part) => ways.flatMap((way) => part.map((more) => [...way, ...more])),
    [own],
  )
}

interface Own {
  readonly type: Constraint | undefined
  readonly others: readonly Constraint[]
}

/** By node: each belongs to one place of one message. */
const known = new WeakMap<SchemaNode, Own>()

function constraintsAt(place: Place, schema: SchemaNode): Own {
  const found = known.get(schema) ?? {
    type: typeConstraint(place, schema),
    others: ownConstraints(place, schema),
  }
  known.set(schema, found)
  return found
}

/** Of the branches whose type the value has, those in which least is broken. */
function closest(place: Place, branches: readonly SchemaNode[], value: unknown): readonly Broken[] {
  const ways = branches
    .filter((branch) => constraintsAt(place, branch).type?.keeps(value) !== false)
    .flatMap((branch) => waysOf(place, branch, value))
  const least = Math.min(...ways.map((way) => way.length))
  return ways.filter((way) => way.length === least)
}
