import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { longestWaitMs } from './sign.ts'
import type { NoticeWatch } from './notice.ts'

/** What is looked at when a server that drains ends its connections. */
export type EndFinding = 'not-before' | 'ends' | 'code'

/** Milliseconds after the announced time in which a server should have ended the connection. */
const endMs = 5000

/** The close code of a server that shuts down. */
const goingAway = 1001

/** Milliseconds by which an end may come too early for the clocks of two processes to say so. */
const clockMs = 20

/** Milliseconds that an exhaustive run waits for. */
const longestExhaustiveMs = 25 * 60_000

/** A member of a room for whom `drain` is in force, and what it was told. */
export interface MemberWatch {
  readonly member: Endpoint
  readonly watch: NoticeWatch
  /** Who that is, in words. */
  readonly who: string
}

/**
 * Waits for the end of the connections of a server that drains.
 *
 * @param told - The first of them was there when it began; empty where the server does not offer `drain`.
 * @param bare - A member of a room for whom it is not in force.
 */
export async function lookAtEnd(
  t: CheckContext,
  told: readonly MemberWatch[],
  bare: Endpoint,
  note: (finding: EndFinding, outcome: Error | undefined) => void,
): Promise<void> {
  const inMs = Math.max(0, ...told.map(({ watch }) => watch.last?.inMs ?? 0))
  if (inMs > (t.exhaustive ? longestExhaustiveMs : longestWaitMs)) {
    const how = t.exhaustive ? 'let it drain for less' : 'run with --exhaustive to wait for its end'
    const undecided = new Undecided('not-observed', `The server drains for ${String(inMs)} ms: ${how}`)
    for (const finding of ['not-before', 'ends', 'code'] as const) note(finding, undecided)
    return
  }
  const ends = await Promise.all(
    told.map(async (each) => {
      const endedAt = await endOf(each)
      return { early: tooEarly(each, endedAt), late: tooLate(each, endedAt) }
    }),
  )
  if (told[0]?.watch.last) {
    note('not-before', ends.find(({ early }) => early)?.early)
    note('ends', ends.find(({ late }) => late)?.late)
  }
  await bare.endsWithin(told.length > 0 ? t.dueMs : longestWaitMs)
  note('code', wrongCode([...told.map(({ member }) => member), bare]))
}

/** When the connection of a member has ended, in milliseconds of `performance.now()`; `undefined` where it goes on too long. */
async function endOf({ member, watch }: MemberWatch): Promise<number | undefined> {
  const began = performance.now()
  for (;;) {
    // A later goaway holds.
    const { cameAt, inMs } = watch.last ?? { cameAt: began, inMs: 0 }
    const left = cameAt + inMs + endMs - performance.now()
    if (await member.endsWithin(Math.max(0, left))) return performance.now()
    const isLast = watch.last === undefined || watch.last.cameAt === cameAt
    if (isLast) return undefined
  }
}

/** drain.not-before */
function tooEarly(
  { member, watch, who }: MemberWatch,
  endedAt: number | undefined,
): CheckFailure | undefined {
  const { last } = watch
  if (!last || endedAt === undefined) return undefined
  const lasted = Math.round(endedAt - last.sentAfter)
  if (lasted >= last.inMs - clockMs) return undefined
  const code = member.end?.code
  const how = code === undefined ? 'without a close frame' : `with close code ${String(code)}`
  return new CheckFailure(
    `the connection of ${who} to last for the ${String(last.inMs)} ms of its goaway`,
    `it ended ${how} at most ${String(lasted)} ms after it`,
  ).shownBy(last.text)
}

/** drain.ends */
function tooLate({ watch, who }: MemberWatch, endedAt: number | undefined): CheckFailure | undefined {
  if (endedAt !== undefined || !watch.last) return undefined
  return new CheckFailure(
    `the end of the connection of ${who} within ${String(endMs / 1000)} s after the ${String(watch.last.inMs)} ms of its goaway`,
    'it was still open',
  ).shownBy(watch.last.text)
}

/** websocket.draining-code */
function wrongCode(members: readonly Endpoint[]): Error | undefined {
  const codes = members.flatMap(({ end }) => (end?.code === undefined ? [] : [end.code]))
  const wrong = codes.find((code) => code !== goingAway)
  if (wrong !== undefined)
    return new CheckFailure(
      `the close code ${String(goingAway)} of a server that shuts down`,
      `it was ${String(wrong)}`,
    )
  if (codes.length > 0) return undefined
  return new Undecided(
    'not-observed',
    'The server ended the connections without a close frame, or not at all',
  )
}
