import { constraintsOfMessage, type ClientMessageType, type Constraint } from '@parley/schemas'
import type { SchemaJudge } from '../../endpoint/schema-judge.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { indefinite } from '../../observer/indefinite.ts'

/** A valid message with one member at a bound of what its schema allows. */
export interface AtBound {
  /** The message in words: `a candidate whose candidate.sdpMLineIndex is 65535`. */
  readonly what: string
  readonly message: Wire
}

/** A valid message as text, in a spelling that is not the usual one. */
export interface AsWritten {
  readonly what: string
  readonly textOf: (id: string) => string
}

/** Members that say where a message goes or who sends it: their values are the server's, and other checks vary them. */
const givenByServer: ReadonlySet<string> = new Set(['type', 'to', 'room', 'token'])

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)).join('')

/**
 * Every way in which one member of a message may be at a bound of what the schema of its type allows, or absent. Follows from the
 * definition of the type, as {@link malformedMembers} does.
 *
 * @param base - A valid message with every member that the type may have.
 * @param judge - Says which tries are valid; the others are left out.
 */
export function membersAtBounds(type: ClientMessageType, base: Wire, judge: SchemaJudge): readonly AtBound[] {
  const constraints = constraintsOfMessage(type)
  const byPath = new Map<string, Constraint[]>()
  for (const each of constraints) {
    const key = each.path.join('.')
    byPath.set(key, [...(byPath.get(key) ?? []), each])
  }
  const tries = [...byPath].flatMap(([key, own]) => {
    const path = key.split('.')
    if (key === '' || givenByServer.has(path[0] ?? '') || isAbsent(path, own)) return []
    const values = valuesAtBounds(own).map((value) => [inWords(value), withValue(base, path, value)] as const)
    const isOptional = !path.includes('*') && key !== 'id' && !own.some(({ kind }) => kind === 'required')
    return [...values, ...(isOptional ? [['is absent', withValue(base, path, undefined)] as const] : [])].map(
      ([fault, message]) => ({
        what: `${indefinite(type)} whose ${key.replace('.*', '[0]')} ${fault}`,
        message,
      }),
    )
  })
  const seen = new Set<string>()
  return tries.filter(({ what, message }) => {
    if (seen.has(what) || judge.client(message) !== undefined) return false
    seen.add(what)
    return true
  })
}

/** Whether a client never writes a member of a message; further inside, one form of a value may have what another has not. */
function isAbsent(path: readonly string[], own: readonly Constraint[]): boolean {
  return path.length === 1 && own.some(({ kind }) => kind === 'absent')
}

/** Values that only just keep the constraints of one place. */
function valuesAtBounds(own: readonly Constraint[]): readonly unknown[] {
  const valueOf = (kind: Constraint['kind']) => own.find((each) => each.kind === kind)?.value
  const types = (valueOf('type') ?? []) as readonly string[]
  const [least, most] = [valueOf('minLength'), valueOf('maxLength')] as [
    number | undefined,
    number | undefined,
  ]
  const alphabet = own.find(({ kind }) => kind === 'characters')
  const words = (valueOf('enum') ?? []) as readonly unknown[]
  const values: unknown[] = [valueOf('minimum'), valueOf('maximum'), ...words]
  if (types.includes('null')) values.push(null)
  if (alphabet) {
    const every = Array.from(printable)
      .filter((each) => alphabet.keeps(each))
      .join('')
    for (let done = 0; done < every.length; done += most ?? every.length)
      values.push(every.slice(done, done + (most ?? every.length)).padEnd(least ?? 0, 'a'))
  }
  for (const length of [least, most]) if (length !== undefined) values.push('f'.repeat(length))
  if (own.some(({ kind }) => kind === 'pattern')) values.push('a.b', 'com.example.A_b-9')
  if (types.includes('string') && !alphabet && words.length === 0) values.push('', 'é😀\n"\\')
  if (own.some(({ kind }) => kind === 'names'))
    values.push({}, { a: {} }, { 'a-0-b9': {} }, { 'a.b': {} }, { 'com.example.A_b-9': { a: [] } })
  return values.filter((value) => value !== undefined)
}

/** Stands for a number until the text is written: no sample holds it. */
const placeholder = '\u0000'

/**
 * A message with one of its integers in another spelling that JSON has for it, as text: for each of them and each spelling.
 *
 * @param base - A valid message with every member that the type may have.
 */
export function integersAsWritten(type: ClientMessageType, base: Wire): readonly AsWritten[] {
  return integerPathsOf(type).flatMap((path) => {
    const names = path.filter((name) => name !== '*')
    const value = [...names, ...(path.includes('*') ? ['0'] : [])].reduce<unknown>(
      (within, name) => (within as Record<string, unknown> | undefined)?.[name],
      base,
    )
    if (typeof value !== 'number') return []
    const message = withValue(base, names, path.includes('*') ? [placeholder] : placeholder)
    return [...spellingsOf(value), ...spellingsOfZero(type, path)].map((spelling) => ({
      what: `${indefinite(type)} whose ${names.join('.')} is written ${spelling}`,
      textOf: (id: string) =>
        JSON.stringify({ ...message, id }).replace(JSON.stringify(placeholder), spelling),
    }))
  })
}

/** Where a message has integers. */
export function integerPathsOf(type: ClientMessageType): readonly (readonly string[])[] {
  return constraintsOfMessage(type)
    .filter(({ kind, value }) => kind === 'type' && (value as readonly string[]).includes('integer'))
    .map(({ path }) => path)
}

function spellingsOf(value: number): readonly string[] {
  return [
    `${String(value)}.0`,
    `${String(value)}.${'0'.repeat(32)}`,
    `${String(value)}e0`,
    `${String(value * 10)}e-1`,
    `${String(value / 10)}E+1`,
  ]
}

/** Zero in other spellings, where a member may be that. */
function spellingsOfZero(type: ClientMessageType, path: readonly string[]): readonly string[] {
  const mayBeZero = constraintsOfMessage(type).some(
    ({ kind, path: own, value }) => kind === 'minimum' && Number(value) <= 0 && own.join() === path.join(),
  )
  return mayBeZero ? ['-0', '-0.0', '0e5'] : []
}

/** A copy with another value at a path, or without a value there. */
function withValue(base: Wire, [first = '', ...rest]: readonly string[], value: unknown): Wire {
  const { [first]: present, ...others } = base
  if (rest.length === 0) return value === undefined ? others : { ...base, [first]: value }
  if (rest[0] === '*')
    return Array.isArray(present) ? { ...base, [first]: [value, ...(present as unknown[])] } : base
  return { ...base, [first]: withValue(present as Wire, rest, value) }
}

function inWords(value: unknown): string {
  if (typeof value === 'string' && value.length > 40) return `has ${String(value.length)} characters`
  return `is ${JSON.stringify(value)}`
}
