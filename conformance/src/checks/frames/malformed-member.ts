import { constraintBrokenBy, messages, type callForms, type ClientMessageType } from '@parley/schemas'
import type { SchemaJudge } from '../../endpoint/schema-judge.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { indefinite } from '../../observer/indefinite.ts'

/** The form that a message has in a call made by `invite`. */
type CallForm = (typeof callForms)[number]

/** A message with one member that its schema refuses. */
export interface Malformed {
  /** The message in words, and the constraint that it breaks: `an offer whose sdp is missing (offer/sdp: required)`. */
  readonly what: string
  /** The top-level member that holds the fault. */
  readonly member: string
  readonly message: Wire
}

/** A JSON Schema, as far as the definitions of messages use it. */
interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
}

/** One try for every kind of JSON value. */
const everyKind: readonly unknown[] = [null, true, 7, 'x', [], {}]

/**
 * Every way in which one member of a message may be missing or of a kind, bound or pattern that the schema of its type refuses. Follows
 * from the definition of the type: a member added there is tried here. Left out are `type` and the members that clients never write, which
 * have requirements of their own.
 *
 * @param base - A valid message with every member that the type may have.
 * @param judge - Says which tries are invalid; the others are left out.
 */
export function malformedMembers(
  type: ClientMessageType | CallForm,
  base: Wire,
  judge: Pick<SchemaJudge, 'client'>,
): readonly Malformed[] {
  const name = typeof type === 'string' ? type : type.name
  const definition = typeof type === 'string' ? messages.find((message) => message.type === type) : type
  if (!definition) throw new Error(`No message has the type "${name}"`)
  const {
    type: _type,
    from: _from,
    ref: _ref,
    seq: _seq,
    ack,
    ...others
  } = (definition.schema as Schema).properties ?? {}
  // Some messages are about acknowledgements; in all others the member is never written.
  const properties = ack?.type === undefined ? others : { ...others, ack }
  const schema = { ...(definition.schema as Schema), properties }
  return triesOfObject(schema, base)
    .map(({ path, fault, value }) => ({ path, fault, message: value as Wire }))
    .filter(({ message }) => judge.client(message) !== undefined)
    .map(({ path, fault, message }): Malformed => {
      const ids = constraintBrokenBy(name, message).map(({ id }) => id)
      const named = ids.length > 0 ? ` (${ids.join(', or ')})` : ''
      return {
        what: `${indefinite(definition.type)} whose ${path} ${fault}${named}`,
        member: path.split(/[.[]/)[0] ?? '',
        message,
      }
    })
}

/** One fault at one place. */
interface Try {
  /** Where, as in JavaScript: `candidate.sdpMid`, `versions[1]`. */
  readonly path: string
  /** What is wrong there, in words: `is missing`. */
  readonly fault: string
  /** The value with that fault. */
  readonly value: unknown
}

const missing = 'is missing'

function triesOfObject({ properties = {}, required = [] }: Schema, base: Wire): readonly Try[] {
  return Object.entries(properties).flatMap(([name, schema]): Try[] => {
    const { [name]: present, ...others } = base
    const wrong = triesOf(schema, present).map(({ path, fault, value }): Try => ({
      path: `${name}${path}`,
      fault,
      value: value === undefined ? others : { ...base, [name]: value },
    }))
    return [...(required.includes(name) ? [{ path: name, fault: missing, value: others }] : []), ...wrong]
  })
}

function triesOf(schema: Schema, base: unknown): readonly Try[] {
  const bounds = [schema, ...(schema.anyOf ?? [])].flatMap((branch) => boundsOf(branch, base))
  const nested = [...everyKind, ...bounds].map((value): Try => ({ path: '', fault: inWords(value), value }))
  for (const branch of [schema, ...(schema.anyOf ?? [])])
    if (branch.properties && isWire(base) && (branch.required ?? []).every((name) => name in base))
      nested.push(...triesOfObject(branch, base).map((each) => ({ ...each, path: `.${each.path}` })))
  if (schema.patternProperties) {
    const name = 'com.example.x'
    nested.push(
      ...everyKind.map((value): Try => ({
        path: `.${name}`,
        fault: inWords(value),
        value: { [name]: value },
      })),
      { path: '', fault: 'has the name Not_a_name', value: { Not_a_name: {} } },
    )
  }
  if (schema.items && Array.isArray(base)) {
    for (const { path, fault, value } of triesOf(schema.items, base[0]))
      nested.push({ path: `[1]${path}`, fault, value: [...(base as unknown[]), value] })
  }
  const seen = new Set<string>()
  return nested.filter(({ path, fault }) => !seen.has(`${path} ${fault}`) && seen.add(`${path} ${fault}`))
}

/** Values at the far side of the bounds of a schema. */
function boundsOf({ pattern, minimum, maximum, type }: Schema, base: unknown): readonly unknown[] {
  const tries: unknown[] = []
  if (typeof base === 'string') {
    tries.push(
      '',
      `${base}\n`,
      ` ${base}`,
      `${base} `,
      `${base}é`,
      base.toUpperCase(),
      `${base}\u007f`,
      `${base.slice(1)}\u{1F600}`,
      // A digit and a letter to who asks for those of any script; the length stays.
      `${base.slice(0, -1)}\u0663`,
      `${base.slice(0, -1)}\u00df`,
    )
    const [, least, most] = /\{(\d+)(?:,(\d+))?\}\)?\$$/.exec(pattern ?? '') ?? []
    if (least !== undefined)
      tries.push('a'.repeat(Math.max(0, Number(least) - 1)), 'a'.repeat(Number(most ?? least) + 1))
    if (pattern !== undefined && least === undefined)
      tries.push('com.', 'com..x', 'com.example.x\n', 'com.example.\u0663', 'a'.repeat(16_385))
  }
  if (type === 'integer') tries.push('1', 1.5)
  if (minimum !== undefined) tries.push(minimum - 1)
  if (maximum !== undefined) tries.push(maximum + 1)
  return tries
}

function inWords(value: unknown): string {
  if (typeof value === 'string' && value.length > 40) return `has ${String(value.length)} characters`
  return `is ${JSON.stringify(value).replaceAll('\u007f', '\\u007f')}`
}

function isWire(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
