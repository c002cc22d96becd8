import {
  capabilityOf,
  constraintBrokenBy,
  constraintsOfMessage,
  messages,
  type Constraint,
} from '@parley/schemas'
import type { ServerRequirementId } from '@parley/conformance'
import type { Frame, Rule } from '../middleman.ts'
import { tampered, type MutantOptions, type Mutants } from '../mutant.ts'
import { isRelayed, isValid, refusal, without } from '../rule.ts'
import { selfTestTokens } from '../self-test-token.ts'

const clientTypes = messages.filter(({ direction }) => direction !== 'server').map(({ type }) => type)

const relayedTypes = clientTypes.filter((type) => isRelayed({ type }))

/** Members that have requirements, checks and mutants of their own, whatever the message. */
const ownRequirement: Readonly<Partial<Record<string, ServerRequirementId>>> = {
  from: 'frames.forged-from',
  ref: 'frames.forged-ref',
  seq: 'frames.hop-members',
  ack: 'frames.hop-members',
}

/** A message of each type with most of its members, from which a broken one is taken. */
function sampleOf(type: string): Frame {
  const examples = messages.find((message) => message.type === type)?.schema['examples'] as readonly Frame[]
  return { ...examples.at(-1), ...(type === 'auth' ? { token: selfTestTokens[0]?.token } : {}) }
}

/** Members whose values are the server's, or of one length. */
const fixed: ReadonlySet<string> = new Set(['type', 'to', 'room', 'token', 'call'])

/** Members whose right value only the sender knows: where they are broken the middleman answers in the server's place. */
const unknowable: ReadonlySet<string> = new Set(['id', 'to', 'room'])

/**
 * Constraints of which no message of the type can be the bad side, with the requirement that judges what is one: it has checks and mutants of
 * its own.
 */
export function judgedAsNoMessage({ kind, path }: Constraint): ServerRequirementId | undefined {
  if (path.length === 0 && kind === 'type') return 'frames.not-object'
  if (path[0] !== 'type') return undefined
  return kind === 'const' ? 'frames.unknown-type' : 'frames.no-type'
}

/** The requirement that a server breaks which overlooks a constraint. */
export function requirementOf({ id, kind, path }: Constraint): ServerRequirementId {
  if (kind === 'names' && path.length === 0) return 'frames.dollar-name'
  if (/^(ack|resume)\//.test(id)) {
    // Where these are said, resume is in force: they have a member ack, and no number.
    if (path[0] === 'seq') return 'seq.missing'
    if (path[0] === 'ack') return 'frames.bad-shape'
  }
  return ownRequirement[path[0] ?? ''] ?? 'frames.bad-shape'
}

/**
 * Whether the kit cannot tell the bad side of a constraint from what it says anyway: a cursor of any other form is one that no server has sent, and a
 * session that is named in any other form is nobody's.
 */
export function isUnseen(type: string, { path: [member] }: Constraint): boolean {
  if (type === 'resume') return member === 'session' || member === 'ack'
  return type === 'find' && member === 'cursor'
}

/** Takes a message that breaks one constraint for one that does not. */
function overlooking(type: string, constraint: Constraint): Rule {
  const [member = ''] = constraint.path
  const { [member]: sound } = sampleOf(type)
  return (frame, passage) => {
    const isBroken = constraintBrokenBy(type, frame).some(({ id }) => id === constraint.id)
    if (frame['type'] !== type || !isBroken) return true
    if (constraint.kind === 'absent' && constraint.path.length === 1) return without(frame, member)
    if (member === '') return without(frame, ...Object.keys(frame).filter((name) => name.startsWith('$')))
    if (!unknowable.has(member)) return { ...frame, [member]: sound }
    passage.toClient({ type: 'ok', ref: typeof frame['id'] === 'string' ? frame['id'] : 'x' })
    return false
  }
}

/** Name of the mutant that overlooks a constraint. */
export function overlooked({ id }: Constraint): string {
  return `overlooks ${id}`
}

/** What is answered to a broken `id` repeats it. */
function brokenId({ path: [member] }: Constraint): MutantOptions {
  return member === 'id' ? { consequences: { 'frames.shape': 'the ref of its answer is no id either' } } : {}
}

/** That a failure names the constraint. */
function naming({ id }: Constraint): RegExp {
  return new RegExp(`\\(.*${id.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)
}

/** Servers that overlook one constraint of one message that clients send: one for each that a message of its type can break. */
const overlookingMutants: Mutants = clientTypes.flatMap((type) =>
  constraintsOfMessage(type)
    .filter((constraint) => judgedAsNoMessage(constraint) === undefined && !isUnseen(type, constraint))
    .map((constraint) => {
      const breaks = requirementOf(constraint)
      return tampered(
        overlooked(constraint),
        breaks,
        () => ({ toServer: overlooking(type, constraint) }),
        breaks === 'frames.bad-shape'
          ? { only: `${breaks}:${type}`, says: naming(constraint), ...brokenId(constraint) }
          : { only: breaks },
      )
    }),
)

/** Values at which a server may stop too early, of constraints whose values are the client's choice. */
const bounded: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'enum',
])

function isAtBound({ kind, path, value }: Constraint, frame: Frame): boolean {
  const present = path.reduce<unknown>((inside, name) => (inside as Frame | undefined)?.[name], frame)
  if (kind === 'minimum' || kind === 'maximum') return present === value
  if (typeof present !== 'string') return false
  if (kind === 'pattern') return present.includes('.')
  if (kind === 'enum') return present === (value as readonly unknown[]).at(-1)
  return present.length === value
}

/** Constraints of a type at whose bound the kit can choose to be. */
function boundsOf(type: string): readonly Constraint[] {
  return constraintsOfMessage(type).filter(
    (constraint) =>
      bounded.has(constraint.kind) &&
      !fixed.has(constraint.path[0] ?? '') &&
      !constraint.path.includes('*') &&
      !isUnseen(type, constraint),
  )
}

function boundInWords(type: string, { kind, path, value }: Constraint): string {
  const bound = kind === 'enum' ? String((value as readonly unknown[]).at(-1)) : `${kind} ${String(value)}`
  return `${[type, ...path].join('/')} at ${bound}`
}

const saysWhose = ({ path }: Constraint) => new RegExp(`whose ${path.join('\\.')} (is|has) `)

/** Servers that refuse a message at a bound of one constraint. */
const refusingMutants: Mutants = clientTypes.flatMap((type) =>
  boundsOf(type).map((constraint) =>
    tampered(
      `refuses ${boundInWords(type, constraint)}`,
      'frames.good-shape',
      () => ({
        toServer: (frame, passage) => {
          if (frame['type'] !== type || !isValid(frame) || !isAtBound(constraint, frame)) return true
          passage.toClient(refusal(frame, 'bad-message'))
          return false
        },
      }),
      { only: `frames.good-shape:${type}`, says: saysWhose(constraint) },
    ),
  ),
)

/** Servers that lose a relayed message at the last bound of its own members, and say that they took it. */
const losingMutants: Mutants = relayedTypes.flatMap((type) =>
  boundsOf(type)
    .filter(({ path }) => path[0] !== 'id')
    .slice(-1)
    .map((constraint) =>
      tampered(
        `loses ${boundInWords(type, constraint)}`,
        'relay.delivered',
        () => ({
          toServer: (frame, passage) => {
            if (frame['type'] !== type || !isValid(frame) || !isAtBound(constraint, frame)) return true
            if ('id' in frame) passage.toClient({ type: 'ok', ref: frame['id'] })
            return false
          },
        }),
        { only: `relay.delivered:bounds-${type}`, says: saysWhose(constraint) },
      ),
    ),
)

/** Servers that know the integers of one type only in their plain spelling. */
const spellingMutants: Mutants = clientTypes
  .map((type) => [type, integersOf(type)] as const)
  .filter(([, names]) => names.length > 0)
  .map(([type, names]) =>
    tampered(
      `takes the integers of ${type} without fraction or exponent only`,
      'frames.good-shape',
      () => ({
        toServer: (frame, passage, text) => {
          if (frame['type'] !== type || !isValid(frame) || !isSpelledOtherwise(text, names)) return true
          passage.toClient(refusal(frame, 'bad-message'))
          return false
        },
      }),
      {
        only: `frames.good-shape:${['integers', capabilityOf(type) ?? []].flat().join('-')}`,
        says: /is written/,
        ...(type === 'hello' ? { consequences: { 'versions.highest': 'versions are integers, too' } } : {}),
      },
    ),
  )

/** A server that thinks that no number takes more than 25 digits. */
const digitsMutant = tampered(
  'refuses integers that are written with more than 25 digits',
  'frames.good-shape',
  () => ({
    toServer: (frame, passage, text) => {
      if (!isValid(frame) || !/"(?!data)[^"]+":\d\.\d{25,}/.test(text)) return true
      passage.toClient(refusal(frame, 'bad-message'))
      return false
    },
  }),
  { only: 'frames.good-shape:integers' },
)

/** Names of the members of a message that are integers, or lists of integers. */
function integersOf(type: string): readonly string[] {
  return constraintsOfMessage(type)
    .filter(({ kind, value }) => kind === 'type' && (value as readonly string[]).includes('integer'))
    .flatMap(({ path }) => path.findLast((step) => step !== '*') ?? [])
}

/** Whether a text has such a member with a fraction or an exponent. */
function isSpelledOtherwise(text: string, names: readonly string[]): boolean {
  return names.some((name) => new RegExp(`"${name}"\\s*:[^"{}]*\\d[.eE]`).test(text))
}

/** Faults of single constraints of the schemas, made from the schemas. */
export const constraintMutants: Mutants = [
  ...overlookingMutants,
  ...refusingMutants,
  ...losingMutants,
  ...spellingMutants,
  digitsMutant,
]
