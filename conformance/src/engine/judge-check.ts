import type { KnownErrorCode } from '@parley/schemas'
import type { Endpoint } from '../endpoint/endpoint.ts'
import { wasTooOften } from '../endpoint/retry.ts'
import { excerpt } from '../endpoint/transcript.ts'
import type { ServerRequirementId } from '../generated/requirement.ts'
import { CallWaitError } from '../peer/call-wait-error.ts'
import { PeerLibraryError } from '../peer/peer-library-error.ts'
import { PeerOperationError } from '../peer/peer-operation-error.ts'
import { SignalingError } from '../peer/signaling-error.ts'
import { stumbledOver } from './blame/prerequisite.ts'
import { chapterOf, type Check } from './check.ts'
import { ConnectError } from '../transport/transport.ts'
import type { CheckContext } from './context.ts'
import { CheckFailure, ConnectionLost, Late, Undecided, Withheld } from './failure.ts'
import { namingPeers } from './peer-name.ts'
import { unlessRangOut } from './rang-out.ts'
import type { CheckResult, Leg } from './result.ts'
import type { CheckVerdict } from './verdict.ts'

/** One run of a check, and whether another one could say more. */
export interface Attempt {
  readonly result: CheckResult
  /**
   * `late`: something came too late. `peer-library`: the WebRTC library broke. `connection-lost`: a connection ended without a word. `hostile`: so did one of a check
   * that had sent a frame which a bad server might die of. `silence`: the server had fallen silent for everybody. `unreached`: a connection took too long to open.
   * `withheld`: the server gave a client less than it had offered.
   */
  readonly trouble:
    'late' | 'peer-library' | 'connection-lost' | 'hostile' | 'silence' | 'unreached' | 'withheld' | undefined
  /** Requirement of the step that failed, where it only led to what the check looks at. */
  readonly presupposes: ServerRequirementId | undefined
  /** Whether a message had no answer at all. */
  readonly unanswered: boolean
  /** Resolves when its connections have ended. */
  readonly gone: Promise<unknown>
}

/**
 * Runs a check once and builds its result; nobody else builds one.
 *
 * @param replay - Makes the command that runs this check alone.
 */
export async function judgeCheck(
  check: Check,
  context: CheckContext,
  attempts: number,
  redact: (text: string) => string,
  replay: () => string,
): Promise<Attempt> {
  const began = performance.now()
  let thrown: unknown
  try {
    await Promise.race([check.run(context), context.overdue(), context.interrupted()])
  } catch (error) {
    const lapsed = unlessLapsed(check.id, context.endpoints, error ?? new Error('a check threw nothing'))
    const seen = lapsed instanceof CheckFailure ? lapsed.seen : undefined
    thrown = unlessRangOut(check.requirement.id, context.transcript.slice(0, seen), lapsed)
  }
  const { gone } = await context.dispose()
  const { requirement } = check
  const base = {
    id: check.id,
    requirement: requirement.id,
    chapter: chapterOf(check),
    ...(check.capability === undefined ? {} : { capability: check.capability }),
    level: requirement.level,
    title: check.title,
    durationMs: Math.round(performance.now() - began),
    attempts,
    ...(context.evidence.length > 0 ? { evidence: context.evidence.map(redact) } : {}),
  }
  if (thrown === undefined)
    return {
      result: { ...base, verdict: 'pass' },
      trouble: undefined,
      presupposes: undefined,
      unanswered: false,
      gone,
    }
  const { verdict, reason } = classify(check, context, thrown)
  const failure = thrown instanceof CheckFailure ? thrown : undefined
  const hints = failure && {
    frames: failure.frames,
    words: failure.message,
    last: check.last ?? false,
  }
  const leg = check.peers ? legOf(thrown) : undefined
  const shown = (text: string) => redact(namingPeers(text, context.endpoints))
  const result: CheckResult = {
    ...base,
    verdict,
    reason: shown(reason),
    ...(failure ? { expected: shown(failure.expected), actual: shown(failure.actual) } : {}),
    ...(leg === undefined ? {} : { leg }),
    statement: requirement.text,
    location: `spec/${requirement.file}#${requirement.anchor}`,
    ...(verdict === 'not-applicable' || verdict === 'not-observed'
      ? {}
      : {
          transcript: excerpt(context.transcript.slice(0, failure?.seen), redact, hints),
          replay: redact(replay()),
        }),
  }
  const step = failure && (rateOf(check, context) ?? failure.presupposes)
  const presupposes = stumbledOver(requirement.id, step)
  const unanswered = failure?.unanswered ?? false
  return { result, trouble: troubleOf(context, thrown), presupposes, unanswered, gone }
}

/** Requirements, and single checks of others by id, that wait for the end that an error code brings to a connection of some age. */
const aboutEnd: Readonly<Partial<Record<string, readonly string[]>>> = {
  'auth-timeout': ['auth.timeout', 'auth.wait'],
  'hello-timeout': ['connection.hello-timeout', 'connection.hello-wait'],
  'idle-timeout': [
    'connection.idle-minimum',
    'connection.idle-timeout',
    'connection.idle-without-ping',
    'resume.fatal:idle',
  ],
  'token-expired': [
    'auth.expiry',
    'auth.failed:expired',
    'auth.failure-keeps:end',
    'auth.refresh',
    'auth.user-mismatch:end',
    'resume.authentication:end',
    'resume.authentication:earlier-end',
    'resume.fatal:token-expired',
    'rooms.ended',
  ],
} satisfies Partial<
  Record<KnownErrorCode, readonly (ServerRequirementId | `${ServerRequirementId}:${string}`)[]>
>

/** Whether a check judges by itself when connections end with this error. */
export function isAboutEnd(code: string, id: string): boolean {
  return aboutEnd[code]?.some((about) => id === about || id.startsWith(`${about}:`)) ?? false
}

/**
 * A server is right to end a connection of some age, also where a check sees only what came of it.
 *
 * @param id - Which check it is.
 * @param thrown - How it ended.
 * @returns That, or that nothing can be said.
 */
export function unlessLapsed(
  id: string,
  endpoints: readonly Pick<Endpoint, 'lapse' | 'name'>[],
  thrown: unknown,
): unknown {
  const gone = endpoints.find(({ lapse }) => lapse)
  if (!(thrown instanceof CheckFailure) || !gone?.lapse) return thrown
  const { code, words } = gone.lapse
  if (isAboutEnd(code, id)) return thrown
  return code === 'token-expired'
    ? new Undecided(
        'could-not-run',
        `The token of endpoint ${gone.name} ran out before this check was done: give a token that lasts longer`,
      )
    : new Undecided(
        'inconclusive',
        `The server ended the connection of endpoint ${gone.name} with ${code}, as it may (${words}), before this check was done: answers take too long here`,
      )
}

/** Requirements about messages that come fast. */
const aboutRate: ReadonlySet<string> = new Set<ServerRequirementId>([
  'delivery.burst',
  'delivery.rate',
  'delivery.rate-single',
  'limits.honoured',
])

/**
 * What stands in the way of a check where the server has ended a connection of it for its rate: the kit keeps within the one that is announced. Whatever else
 * is missing then, the end comes first.
 */
export function rateOf(
  { requirement }: { readonly requirement: Pick<Check['requirement'], 'id'> },
  {
    endpoints,
    target,
  }: {
    readonly endpoints: readonly Pick<Endpoint, 'log'>[]
    readonly target: { readonly welcome: { readonly limits: { readonly rate?: unknown } } }
  },
): ServerRequirementId | undefined {
  const ended = endpoints.some(({ log }) =>
    log.some(({ message }) => message['code'] === 'rate-limited' && message['fatal'] === true),
  )
  if (!ended || aboutRate.has(requirement.id)) return undefined
  return target.welcome.limits.rate ? 'delivery.burst' : 'limits.honoured'
}

/** What says whether such a refusal is right. */
const aboutRefusals: ReadonlySet<string> = new Set<ServerRequirementId>([
  'delivery.rate-single',
  'errors.context-equal',
  'errors.fatal-flag',
  'frames.shape',
  'outcomes.exactly-one',
  'outcomes.no-ref',
])

function classify(
  check: Check,
  context: CheckContext,
  thrown: unknown,
): { verdict: CheckVerdict; reason: string } {
  if (thrown instanceof CheckFailure) {
    // A server may refuse a join or an auth that comes too often, and what was to come of it fails with it.
    if (!aboutRefusals.has(check.requirement.id) && context.endpoints.some(wasTooOften)) {
      const reason = `The server takes join or auth less often than the check sends it: ${thrown.message}`
      return { verdict: 'inconclusive', reason }
    }
    const verdict = check.requirement.level.startsWith('SHOULD') ? 'warn' : 'fail'
    return { verdict, reason: thrown.message }
  }
  if (thrown instanceof Undecided) return { verdict: thrown.verdict, reason: thrown.message }
  if (thrown instanceof PeerLibraryError) {
    return { verdict: 'could-not-run', reason: `The WebRTC library failed: ${thrown.message}` }
  }
  if (
    thrown instanceof CallWaitError ||
    thrown instanceof PeerOperationError ||
    thrown instanceof SignalingError
  ) {
    return { verdict: 'could-not-run', reason: `The peers did not get there: ${thrown.message}` }
  }
  const words = thrown instanceof Error ? thrown.message : JSON.stringify(thrown)
  // A frame without the members that its schema promises makes a check stumble; the fault is judged where it belongs.
  if (thrown instanceof TypeError && context.sawInvalidFrame) {
    return {
      verdict: 'could-not-run',
      reason: `The server sent frames that their schemas refuse (see frames.shape): ${words}`,
    }
  }
  return {
    verdict: 'kit-error',
    reason: `The kit is at fault: ${thrown instanceof Error ? (thrown.stack ?? words) : words}`,
  }
}

/** Which part of a call is in the way of a check with real peers; `undefined` where none was tried. */
function legOf(thrown: unknown): Leg | undefined {
  if (thrown instanceof CheckFailure) return 'signaling'
  if (thrown instanceof Undecided)
    return thrown.leg ?? (thrown.verdict === 'inconclusive' ? 'signaling' : undefined)
  if (thrown instanceof PeerLibraryError || thrown instanceof PeerOperationError) return 'peer-library'
  return undefined
}

function troubleOf(context: CheckContext, thrown: unknown): Attempt['trouble'] {
  if (thrown instanceof Late || (thrown instanceof Undecided && thrown.cause instanceof Late)) return 'late'
  if (thrown instanceof Undecided && thrown.cause instanceof ConnectError)
    return thrown.cause.problem === 'timeout' ? 'unreached' : undefined
  if (thrown instanceof Withheld) return 'withheld'
  if (legOf(thrown) === 'peer-library') return 'peer-library'
  if (!(thrown instanceof ConnectionLost)) return undefined
  const silent = context.endpoints.every((endpoint) => endpoint.all('error').every(({ fatal }) => !fatal))
  if (!silent) return undefined
  return context.endpoints.some(({ hostile }) => hostile) ? 'hostile' : 'connection-lost'
}
