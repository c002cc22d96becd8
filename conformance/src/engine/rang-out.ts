import type { RequirementId } from '../generated/requirement.ts'
import type { TranscriptEntry } from '../endpoint/transcript.ts'
import { parseWire, type Wire } from '../endpoint/wire.ts'
import { CheckFailure, Undecided } from './failure.ts'

/** Its checks wait for the end of a call that names no time themselves. */
const aboutTime: RequirementId = 'ring.timeout'

/**
 * A server is right to end a call that has rung for as long as a call may, also where a check sees only what came of it: where every answer takes
 * seconds, that time is over before the check comes to it.
 *
 * @param requirement - What the check is of.
 * @param transcript - All that it has sent and received, in order.
 * @param thrown - How it ended.
 * @returns That, or that nothing can be said.
 */
export function unlessRangOut(
  requirement: RequirementId,
  transcript: readonly TranscriptEntry[],
  thrown: unknown,
): unknown {
  if (!(thrown instanceof CheckFailure) || requirement === aboutTime) return thrown
  const seconds = rangFor(transcript)
  if (seconds === undefined) return thrown
  return new Undecided(
    'inconclusive',
    `A call had rung for the ${String(seconds)} s that it may before this check was done: answers take too long here. ${thrown.message}`,
  )
}

/** For how long a call has rung that named no time and ended by itself when the longest one was over; `undefined` where there is none. */
function rangFor(transcript: readonly TranscriptEntry[]): number | undefined {
  let longest = Infinity
  const begun = new Map<unknown, number>()
  for (const { at, direction, text } of transcript) {
    if (direction === 'event') continue
    const message = parseWire(text) ?? {}
    if (direction === 'sent') {
      if (message['type'] === 'invite' && !('ringSeconds' in message)) begun.set(message['call'], at)
      continue
    }
    longest = longestRing(message) ?? longest
    const isTimeout = message['reason'] === 'timeout' && endings.has(message['type'])
    if (isTimeout && at - (begun.get(message['call']) ?? Infinity) >= 1000 * longest) return longest
  }
  return undefined
}

/** What tells the parties of a call that it has ended before it was taken. */
const endings: ReadonlySet<unknown> = new Set(['cancel', 'reject'])

/** How long a call may ring at most, in seconds, where this is the `welcome` that says so. */
function longestRing({ type, capabilities }: Wire): number | undefined {
  if (type !== 'welcome') return undefined
  const calls = (capabilities as Wire | undefined)?.['calls'] as Wire | null | undefined
  const seconds = calls?.['ringSeconds']
  return typeof seconds === 'number' ? seconds : undefined
}
