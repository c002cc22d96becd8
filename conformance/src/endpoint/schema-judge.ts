import { custom, isCustomType } from '@parley/schemas'
import { clip } from '../observer/clip.ts'
import {
  clientCallValidators,
  clientValidators,
  serverCallValidators,
  serverValidators,
} from '../generated/frame-validator.ts'

/** What a generated validator says is wrong, as Ajv words it. */
interface SchemaFault {
  readonly instancePath: string
  readonly keyword: string
  readonly message?: string
  readonly params: Readonly<Record<string, unknown>>
  /** The name that does not fit, where the fault is in a name. */
  readonly propertyName?: string
}

/** A generated validator: whether a value is valid, and in `errors` what was wrong with the last one that was not. */
interface FrameValidator {
  (message: unknown): boolean
  readonly errors?: readonly SchemaFault[] | null
}

/** Validators by type of message. */
type FrameValidators = Readonly<Record<string, FrameValidator>>

// What is generated has no types.
const byServerType = serverValidators as FrameValidators
const byClientType = clientValidators as FrameValidators
const inCallsByServerType = serverCallValidators as FrameValidators
const inCallsByClientType = clientCallValidators as FrameValidators

/** Judges frames by the published JSON Schemas alone, independently of any server's validator. */
export interface SchemaJudge {
  /** Why a frame from the server is not valid, or `undefined`. */
  server(message: Readonly<Record<string, unknown>>): string | undefined
  /** Why a frame of a client is not valid, or `undefined`. */
  client(message: Readonly<Record<string, unknown>>): string | undefined
  /** The same where the capability `calls` is in force: negotiation without `room` stands in a call. */
  readonly inCalls: Pick<SchemaJudge, 'server' | 'client'>
  /** Whether the schemas have a message of this type that a server may send. */
  knowsServerType(type: string): boolean
}

/** The judge by the validators that Ajv made of the schemas. */
export const schemaJudge: SchemaJudge = {
  server: (message) => judge(byServerType, message),
  client: (message) => judge(byClientType, message),
  inCalls: {
    server: (message) => judge(isInCall(message) ? inCallsByServerType : byServerType, message),
    client: (message) => judge(isInCall(message) ? inCallsByClientType : byClientType, message),
  },
  knowsServerType: (type) => validatorOf(byServerType, type) !== undefined,
}

function isInCall(message: Readonly<Record<string, unknown>>): boolean {
  return Object.hasOwn(inCallsByClientType, String(message['type'])) && !Object.hasOwn(message, 'room')
}

function judge(validators: FrameValidators, message: Readonly<Record<string, unknown>>): string | undefined {
  const { type } = message
  const validate = typeof type === 'string' ? validatorOf(validators, type) : undefined
  if (!validate) return `no schema for type ${JSON.stringify(type)} in this direction`
  return validate(message) ? undefined : describe(validate.errors ?? [])
}

/** The table calls messages of applications by a name that is no type. */
function validatorOf(validators: FrameValidators, type: string): FrameValidator | undefined {
  if (isCustomType(type)) return validators[custom.type]
  return type !== custom.type && Object.hasOwn(validators, type) ? validators[type] : undefined
}

/** What is wrong; where a value fits none of several shapes, what keeps it from each: only its sender knows which it was to have. */
function describe(faults: readonly SchemaFault[]): string {
  // What is wrong with a name is told of the name; that its object has such a one adds nothing.
  const causes = faults.filter(({ keyword }) => !summaries.has(keyword)).map(inWords)
  return [...new Set(causes)].join(', or else ') || 'does not fit its schema'
}

/** Where a fault holds what its message leaves out, by keyword. */
const detailOf: Readonly<Record<string, string>> = {
  enum: 'allowedValues',
  additionalProperties: 'additionalProperty',
}

/** Characters of a detail: room for every value of the longest list. */
const longestDetail = 2000

const summaries: ReadonlySet<string> = new Set(['anyOf', 'propertyNames'])

function inWords(fault: SchemaFault): string {
  const { instancePath, keyword, message, params, propertyName } = fault
  if (propertyName !== undefined) return nameInWords(fault, propertyName)
  // The only thing that the schemas exclude is a member as a whole.
  if (keyword === 'not') return `${instancePath} must not be there`
  const detail = params[detailOf[keyword] ?? '']
  const words = detail === undefined ? '' : `: ${clip(JSON.stringify(detail), longestDetail)}`
  return `${instancePath || 'the message'} ${message ?? 'does not fit'}${words}`
}

function nameInWords({ instancePath, message }: SchemaFault, name: string): string {
  const member = `${instancePath || 'the message'} has the member ${clip(JSON.stringify(name))}`
  return name.startsWith('$')
    ? `${member}, whose name begins with $`
    : `${member}, whose name ${message ?? 'does not fit'}`
}
