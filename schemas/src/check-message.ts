import type { TObject } from '@sinclair/typebox'
import { TypeCompiler, ValueErrorType, type TypeCheck, type ValueError } from '@sinclair/typebox/compiler'
import { callForms, type CallRelay, type DeliveredCallRelay } from './call-form.ts'
import { misnamed, namePlacesOf, type NamePlace } from './member-name.ts'
import { custom, isCustomType, type Custom, type DeliveredCustom } from './messages/custom.ts'
import { messages, type ClientMessage, type ServerMessage } from './messages/index.ts'

/** Why a value is not a message. */
export interface Refusal {
  readonly ok: false
  /**
   * `not-object`: no JSON object. `no-type`: no string `type`. `unsupported-type`: a `type` that is unknown, or that this
   * side does not send. `bad-shape`: the members do not fit the `type`.
   */
  readonly reason: 'not-object' | 'no-type' | 'unsupported-type' | 'bad-shape'
  /** The `type` as it came, if it is a string. */
  readonly type?: string
  /** One line: the JSON Pointer (RFC 6901) of the place and what was expected there. Never repeats a value. */
  readonly detail: string
}

/** A value that is a message, typed, or why it is none. */
export type CheckResult<M> = { readonly ok: true; readonly message: M } | Refusal

/** Longest name of a member that a detail repeats, in UTF-16 code units; names come from outside. */
const longestName = 64

const dollar = 0x24

/**
 * Judges a parsed frame as a message that a client sends, relayed ones included.
 *
 * The verdict is that of the published JSON Schemas: TypeBox's compiled check, which knows no `propertyNames`, plus the rules
 * that no top-level name begins with `$`, and what some members ask of the names below them.
 *
 * @param value - What `JSON.parse` returned.
 */
export function checkClientMessage(value: unknown): CheckResult<ClientMessage | Custom> {
  return check<ClientMessage | Custom>(clientChecks, sentCustom, value)
}

/**
 * Judges a parsed frame as a message that a client receives: a server's own, or a relayed one as it is delivered.
 *
 * @param value - What `JSON.parse` returned.
 */
export function checkServerMessage(value: unknown): CheckResult<ServerMessage | DeliveredCustom> {
  return check<ServerMessage | DeliveredCustom>(serverChecks, deliveredCustom, value)
}

/**
 * The same for a connection on which the capability `calls` is in force: a message of the negotiation without `room` stands in a call
 * made by `invite`.
 */
export function checkClientMessageInCalls(value: unknown): CheckResult<ClientMessage | CallRelay | Custom> {
  return isWithoutRoom(value)
    ? check<CallRelay>(clientCallChecks, undefined, value)
    : checkClientMessage(value)
}

/** {@link checkServerMessage} for a connection on which the capability `calls` is in force. */
export function checkServerMessageInCalls(
  value: unknown,
): CheckResult<ServerMessage | DeliveredCallRelay | DeliveredCustom> {
  return isWithoutRoom(value)
    ? check<DeliveredCallRelay>(serverCallChecks, undefined, value)
    : checkServerMessage(value)
}

function isWithoutRoom(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    clientCallChecks.has(value.type as string) &&
    !Object.hasOwn(value, 'room')
  )
}

interface Check<M> {
  accepts(value: object): value is M & object
  explain(value: object): string
  readonly names: readonly NamePlace[]
}

/** Compiles at the first use: a process that never meets a message does not pay for it. */
function checkOf<M>(schema: TObject): Check<M> {
  let compiled: TypeCheck<TObject> | undefined
  return {
    accepts: (value): value is M & object => (compiled ??= TypeCompiler.Compile(schema)).Check(value),
    names: namePlacesOf(schema),
    explain: (value) => explain((compiled ??= TypeCompiler.Compile(schema)).Errors(value).First()),
  }
}

// Maps, not objects: `__proto__` or `constructor` as a type must find nothing.
const clientChecks: ReadonlyMap<string, Check<ClientMessage>> = new Map(
  messages.flatMap(({ type, direction, schema }) =>
    direction === 'server' ? [] : [[type, checkOf(schema)]],
  ),
)

const serverChecks: ReadonlyMap<string, Check<ServerMessage>> = new Map(
  messages.flatMap(({ type, direction, schema, delivered }) =>
    direction === 'client' ? [] : [[type, checkOf(delivered ?? schema)]],
  ),
)

const clientCallChecks: ReadonlyMap<string, Check<CallRelay>> = new Map(
  callForms.map(({ type, schema }) => [type, checkOf(schema)]),
)

const serverCallChecks: ReadonlyMap<string, Check<DeliveredCallRelay>> = new Map(
  callForms.map(({ type, delivered }) => [type, checkOf(delivered)]),
)

const sentCustom: Check<Custom> = checkOf(custom.schema)

const deliveredCustom: Check<DeliveredCustom> = checkOf(custom.delivered)

function check<M>(
  checks: ReadonlyMap<string, Check<M>>,
  ofCustom: Check<M> | undefined,
  value: unknown,
): CheckResult<M> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, reason: 'not-object', detail: 'Expected a JSON object' }
  }
  const type: unknown = 'type' in value ? value.type : undefined
  if (typeof type !== 'string') return { ok: false, reason: 'no-type', detail: '/type: expected a string' }
  const known = checks.get(type) ?? (isCustomType(type) ? ofCustom : undefined)
  if (known === undefined) {
    return {
      ok: false,
      reason: 'unsupported-type',
      type,
      detail: '/type: no message of this type is accepted here',
    }
  }
  if (!known.accepts(value)) return { ok: false, reason: 'bad-shape', type, detail: known.explain(value) }
  const wrong = misnamed(known.names, value)
  if (wrong !== undefined)
    return {
      ok: false,
      reason: 'bad-shape',
      type,
      detail: `/${wrong.map(shorten).join('/')}: no such name is allowed`,
    }
  const reserved = reservedName(value)
  if (reserved === undefined) return { ok: true, message: value }
  return {
    ok: false,
    reason: 'bad-shape',
    type,
    detail: `/${shorten(reserved)}: names that begin with "$" are reserved`,
  }
}

function reservedName(value: object): string | undefined {
  for (const name in value) if (name.charCodeAt(0) === dollar) return name
  return undefined
}

function explain(error: ValueError | undefined): string {
  if (error === undefined) return 'Expected another shape'
  return `${error.path.split('/').map(shorten).join('/')}: ${expectation(error)}`
}

function expectation({ type, message, schema }: ValueError): string {
  if (type === ValueErrorType.Never) return 'must not be present'
  if (type === ValueErrorType.ObjectRequiredProperty) return 'is required'
  if (type === ValueErrorType.Union && schema.title !== undefined) return `expected a ${schema.title}`
  return message.charAt(0).toLowerCase() + message.slice(1)
}

function shorten(name: string): string {
  return name.length <= longestName ? name : `${name.slice(0, longestName)}…`
}
