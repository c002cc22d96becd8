import { capabilityOf, MessageId, messages } from '@parley/schemas'
import { schemaJudge } from '../endpoint/schema-judge.ts'
import { parseWire, stringOf, type Wire } from '../endpoint/wire.ts'
import type { ServerRequirementId } from '../generated/requirement.ts'
import { isRelayed } from '../observer/relayed.ts'
import { scanJson, type JsonScan } from './json-scan.ts'

/** An error that applies to a frame whatever the moment, with the sentence that says so. */
export interface Fault {
  readonly requirement: ServerRequirementId
  readonly codes: readonly string[]
}

/** What a frame of a client is by the specification, wherever it came from: an example, a mutation, random text. */
export interface Reading {
  readonly text: string
  readonly bytes: number
  /** What a parser makes of it; `undefined` where it is no JSON object. */
  readonly message: Wire | undefined
  readonly type: string
  readonly room: string | undefined
  /** The `id` to which an outcome is owed. */
  readonly id: string | undefined
  readonly scan: JsonScan | undefined
  /** Why it has to be refused; several may apply, and any of them is right. */
  readonly faults: readonly Fault[]
  /** Whether it may be refused with `bad-message` although it is valid: what it holds is beyond I-JSON, or nested deep. */
  readonly mayBeRefused: boolean
  /** Whether the error that refuses it may lack `ref`: a server need not have read it. */
  readonly isUnread: boolean
}

const deepestSure = 16

const clientTypes: ReadonlySet<string> = new Set(
  messages.filter(({ direction }) => direction !== 'server').map(({ type }) => type satisfies string),
)
const serverTypes: ReadonlySet<string> = new Set(
  messages.filter(({ direction }) => direction === 'server').map(({ type }) => type satisfies string),
)
const messageId = new RegExp(MessageId.pattern ?? '^[ -~]*$')

/** Types that are answered by a message of their own. */
export const typedReplies: ReadonlyMap<string, string> = new Map([
  ['hello', 'welcome'],
  ['auth', 'authenticated'],
  ['ping', 'pong'],
  ['join', 'joined'],
  ['leave', 'left'],
])

/**
 * Reads a frame as the specification does.
 *
 * @param messageBytes - The announced limit.
 */
export function readFrame(text: string, messageBytes: number): Reading {
  const bytes = Buffer.byteLength(text)
  const message = parseWire(text)
  const scan = message && scanJson(text)
  const isDeep = scan !== undefined && scan.depth > deepestSure
  const isOdd = scan !== undefined && (scan.isBeyond || scan.twiceBelow || scan.twice.size > 0)
  return {
    text,
    bytes,
    message,
    type: stringOf(message ?? {}, 'type') ?? '',
    room: stringOf(message ?? {}, 'room'),
    id: message && idOf(message),
    scan,
    faults: [
      ...(bytes > messageBytes ? [{ requirement: 'limits.refuse-size', codes: ['too-large'] } as const] : []),
      ...faultsOf(message),
    ],
    mayBeRefused: isDeep || isOdd,
    isUnread: bytes > messageBytes || isDeep || isOdd || message === undefined,
  }
}

function idOf(message: Wire): string | undefined {
  const id = stringOf(message, 'id')
  return id !== undefined && id.length >= 1 && id.length <= 64 && messageId.test(id) ? id : undefined
}

const writtenByServers = [
  ['from', 'frames.forged-from'],
  ['ref', 'frames.forged-ref'],
  ['seq', 'frames.hop-members'],
  ['ack', 'frames.hop-members'],
] as const

function faultsOf(message: Wire | undefined): readonly Fault[] {
  const badMessage = (requirement: ServerRequirementId): Fault => ({ requirement, codes: ['bad-message'] })
  if (!message) return [badMessage('frames.not-object')]
  const type = stringOf(message, 'type')
  if (type === undefined) return [badMessage('frames.no-type')]
  const faults: Fault[] = []
  for (const [name, requirement] of writtenByServers)
    if (Object.hasOwn(message, name)) faults.push(badMessage(requirement))
  if (Object.keys(message).some((name) => name.startsWith('$'))) faults.push(badMessage('frames.dollar-name'))
  const isBadId = Object.hasOwn(message, 'id') && idOf(message) === undefined
  if (!clientTypes.has(type)) {
    // The shape of what is not known cannot be wrong, save for its envelope.
    const also = serverTypes.has(type) || isBadId ? ['bad-message'] : []
    const unexpected = serverTypes.has(type) ? ['unexpected-message'] : []
    faults.push({
      requirement: 'frames.unknown-type',
      codes: ['unsupported-type', ...also, ...unexpected],
    })
    return faults
  }
  if (capabilityOf(type) !== undefined)
    faults.push({ requirement: 'capabilities.not-in-force', codes: ['unsupported-type'] })
  // What a relayed message lacks is `from`: its sender does not write it.
  if (schemaJudge.client(message) !== undefined) faults.push(badMessage('frames.bad-shape'))
  return faults
}

/** Members of a relayed message whose double would leave open where it goes. */
const addressing: ReadonlySet<string> = new Set(['type', 'id', 'room', 'to'])

/** Members whose double would leave open what the message does. */
const decisive: ReadonlySet<string> = new Set([
  'type',
  'id',
  'room',
  'data',
  'method',
  'token',
  'versions',
  'capabilities',
  'replaces',
  'reason',
  'agent',
])

/** Messages that change where a client is, or what is shown of it. */
const standing: ReadonlySet<string> = new Set(['join', 'leave', 'update'])

/**
 * Whether a frame leaves open what it does, so that the model could not tell what has to come of it: it has a decisive name twice, or may be
 * refused and is answered only then. Relayed messages show by what is delivered what was made of them.
 */
export function isUnclear({ scan, type, faults, id, mayBeRefused }: Reading): boolean {
  // Nothing would say whether it was this one that was accepted, or another like it.
  if (standing.has(type) && id === undefined && mayBeRefused && faults.length === 0) return true
  if (!scan || scan.twice.size === 0) return false
  if (isRelayed(type)) return faults.length > 0 || [...scan.twice].some((name) => addressing.has(name))
  return [...scan.twice].some((name) => decisive.has(name))
}
