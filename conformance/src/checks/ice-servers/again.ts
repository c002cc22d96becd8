import type { IceServers } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import { type CheckContext } from '../../engine/context.ts'
import { CheckFailure, Late, presupposing, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { cut, resume, unlessLate } from '../resume/stage.ts'
import { authenticateAgain, requireToken } from '../scene/token.ts'
import { acceptAll, askForServers, inSeconds, marginMs, trialsOf, type Given } from './ice-servers.ts'

/** Longest that an ordinary run waits here, in milliseconds: other checks take as long at the same time. */
const ordinaryMs = 7500

/** Part of their life after which credentials are tried. */
const lateShare = 0.8

/** Three times as long as credentials are good for nobody waits. */
const longestMs = 600_000

/** What came unasked, one after the other, to a client that has asked twice. */
interface Again {
  readonly expiresInMs: number
  readonly first: Given
  readonly second: Given | undefined
  readonly third: Given | undefined
  /** What the TURN servers said of the second one shortly before its end. */
  readonly lateProblem: unknown
}

/** Milliseconds after which the kit looks again whether something has come. */
const lookMs = 250

/** Waits for the next `ice-servers`; `undefined` where none comes in time. */
async function next(t: CheckContext, a: Endpoint, last: Given, since: number): Promise<Given | undefined> {
  const until = last.at + (last.message.expiresInMs ?? 0) + t.dueMs
  const came = () => a.log.find(({ index, message: { type } }) => index >= since && type === 'ice-servers')
  let notBefore = last.at
  let at = 0
  a.onFrame(({ index, message: { type } }) => {
    if (at === 0 && index >= since && type === 'ice-servers') at = performance.now()
  })
  for (let left = until - performance.now(); left > 0 && !came(); left = until - performance.now()) {
    await a.comesWithin(() => came() !== undefined, Math.min(left, lookMs))
    const askedAt = performance.now()
    if (!came()) await a.sync()
    // What is answered before it is sent before it.
    if (!came()) notBefore = askedAt
  }
  const given = came()
  return given && { message: given.message as unknown as IceServers, at, notBefore }
}

/** Ends the check where two renewals take longer than anybody waits. */
function affordTwo(t: CheckContext, { expiresInMs }: IceServers): number {
  if (expiresInMs === undefined) t.notApplicable('The credentials do not end: expiresInMs is absent')
  if (expiresInMs > longestMs || (!t.exhaustive && 1.75 * expiresInMs > ordinaryMs))
    t.notObserved(`The credentials are good for ${inSeconds(expiresInMs)}: let them end within 4 s`)
  return expiresInMs
}

function again(t: CheckContext): Promise<Again> {
  return t.shared('the second renewal of ICE servers', async (s) => {
    const a = await s.client()
    await askForServers(s, a)
    const first = await askForServers(s, a)
    const expiresInMs = affordTwo(s, first.message)
    const second = await next(s, a, first, a.log.length)
    if (second === undefined) return { expiresInMs, first, second, third: undefined, lateProblem: undefined }
    const since = a.log.length
    const [third, lateProblem] = await Promise.all([next(s, a, second, since), triedLate(s, a, second)])
    return { expiresInMs, first, second, third, lateProblem }
  })
}

/** Tries credentials shortly before their end; returns what is wrong with them. */
async function triedLate(t: CheckContext, a: Endpoint, given: Given): Promise<unknown> {
  const { expiresInMs = 0, iceServers } = given.message
  if (trialsOf(iceServers).length === 0)
    return new Undecided('not-applicable', 'ice-servers names no TURN server')
  await a.comesWithin(() => false, Math.max(0, given.at + expiresInMs * lateShare - performance.now()))
  if (performance.now() > given.notBefore + expiresInMs - marginMs)
    return new Undecided('not-observed', 'The kit came to look at them when they had ended')
  let asked = 0
  return await acceptAll(t, () => {
    asked += 1
    if (asked > 1) t.notObserved('The credentials ended while the kit tried them')
    return Promise.resolve(given)
  }).then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** ice.renewed: each time, and also where a client has asked more than once. */
async function renewsAgain(t: CheckContext): Promise<void> {
  const { expiresInMs, first, second, third } = await again(t)
  for (const [given, before, which] of [
    [second, first, 'where get-ice-servers came twice'],
    [third, second, 'for the second time'],
  ] as const) {
    const expected = `ice-servers unasked, ${which}, before the ${String(expiresInMs)} ms of the last one have passed`
    if (given === undefined)
      throw new CheckFailure(expected, `none had come ${inSeconds(t.dueMs)} after them`)
    const at = before?.at ?? 0
    if (given.notBefore >= at + expiresInMs + marginMs)
      throw new Late(expected, `it came after ${inSeconds(given.at - at)}`)
  }
}

/** ice.renewed: also where the client authenticates again meanwhile. */
async function renewsAfterAuth(t: CheckContext): Promise<void> {
  requireToken(t)
  const a = await t.client()
  const first = await askForServers(t, a)
  const since = a.log.length
  const { expiresInMs } = first.message
  if (expiresInMs === undefined) return t.notApplicable('The credentials do not end: expiresInMs is absent')
  if (expiresInMs > longestMs) t.notObserved(`The credentials are good for ${inSeconds(expiresInMs)}`)
  t.cost({ ms: expiresInMs }, 'Waiting for the credentials to be renewed')
  await authenticateAgain(t, a)
  if (a.log.some(({ index, message: { type } }) => index >= since && type === 'ice-servers'))
    t.notObserved('The credentials were renewed before the client had authenticated again')
  const given = await next(t, a, first, since)
  const expected = `ice-servers unasked, where the client has authenticated again, before the ${String(expiresInMs)} ms of the last one have passed`
  if (given === undefined) throw new CheckFailure(expected, `none had come ${inSeconds(t.dueMs)} after them`)
  if (given.notBefore >= first.at + expiresInMs + marginMs)
    throw new Late(expected, `it came after ${inSeconds(given.at - first.at)}`)
}

/** ice.accepted: what came unasked is as good as what was asked for, to its end. */
async function renewedToTheEnd(t: CheckContext): Promise<void> {
  const { second, lateProblem } = await again(t)
  if (second === undefined) return t.couldNotRun('No ice-servers has come unasked: see ice.renewed')
  if (lateProblem instanceof CheckFailure)
    throw new CheckFailure(
      `${lateProblem.expected} that came unasked, until its expiresInMs have passed`,
      lateProblem.actual,
    )
  if (lateProblem instanceof Error) throw lateProblem
}

/** Credentials of a session that can be resumed. */
interface Credentials {
  readonly a: Endpoint
  readonly first: Given
  readonly expiresInMs: number
  /** When the last ones came, which may have been renewed before the session was lost: milliseconds, as `performance.now()` counts. */
  readonly lastAt: () => number
}

const both = { capabilities: ['ice-servers', 'resume'] } as const

/** Asks for credentials in a session. */
async function askInSession(t: CheckContext, mostMs: number): Promise<Credentials> {
  if (!t.target.offered.names.has('resume')) t.notApplicable('The server does not offer resume')
  const a = await t.client(both)
  const first = await askForServers(t, a)
  const { expiresInMs } = first.message
  if (expiresInMs === undefined) return t.notApplicable('The credentials do not end: expiresInMs is absent')
  if (expiresInMs > mostMs) t.notObserved(`The credentials are good for ${inSeconds(expiresInMs)}`)
  t.cost({ ms: expiresInMs }, 'Waiting for the credentials to be renewed')
  let lastAt = first.at
  a.onFrame(({ message: { type } }) => {
    if (type === 'ice-servers') lastAt = performance.now()
  })
  return { a, first, expiresInMs, lastAt: () => lastAt }
}

function isNew({ message: { type, seq } }: { readonly message: Wire }): boolean {
  return type === 'ice-servers' && typeof seq === 'number'
}

/** Ends the check where new ones have come without a number: whatever is wrong, they were not left out. */
function unlessUnnumbered(later: Endpoint): void {
  const bare = later.log.find(({ message: { type, seq } }) => type === 'ice-servers' && seq === undefined)
  if (bare === undefined) return
  throw Object.assign(
    new CheckFailure(
      'a number in seq of ice-servers where resume is in force',
      'it came without seq',
    ).shownBy(bare.text),
    { presupposes: 'seq.numbered' } as const,
  )
}

/** ice.renewed: a session that is resumed goes on in this, too. */
async function renewsTheResumed(t: CheckContext): Promise<void> {
  const { a, first, expiresInMs, lastAt } = await askInSession(t, longestMs)
  const later = await resume(t, await cut(t, a), { later: await t.client(both) })
  if (performance.now() > first.notBefore + expiresInMs - marginMs)
    t.notObserved('The kit came back when the credentials had ended')
  const isAny = ({ message: { type } }: { readonly message: Wire }) => type === 'ice-servers'
  await later.comesWithin(isAny, Math.max(0, lastAt() + expiresInMs + t.dueMs - performance.now()))
  unlessUnnumbered(later)
  if (!later.log.some(isNew))
    throw new CheckFailure(
      `ice-servers unasked on the connection that has resumed the session, before the ${String(expiresInMs)} ms of the last one have passed`,
      `none had come ${inSeconds(t.dueMs)} after them`,
    )
}

/** The longest life of credentials that a session is kept waiting for, in milliseconds: others need not say that they are there. */
const longestAwayMs = 30_000

/** ice.renewed: also while it waits. */
async function renewsTheWaiting(t: CheckContext): Promise<void> {
  const other = await t.client({ capabilities: [] })
  const { a, expiresInMs, lastAt } = await askInSession(t, longestAwayMs)
  const lost = await cut(t, a)
  const end = lastAt() + expiresInMs + marginMs
  if (lost.cutAt + lost.windowMs < end + marginMs)
    t.notObserved('A session waits for less time than the credentials are good for')
  await other.comesWithin(() => false, end - performance.now())
  unlessLate(lost)
  const later = await resume(t, lost, { later: await t.client(both) })
  // Its number comes after that of everything that was kept.
  await presupposing('rooms.joined', t.join(t.room(), later))
  unlessUnnumbered(later)
  if (!later.log.some(isNew))
    throw new CheckFailure(
      `ice-servers after resumed: the ${String(expiresInMs)} ms of the last one passed while the session waited`,
      'none came',
    )
}

const options = { capability: 'ice-servers', waits: true } as const

/** Checks of ICE servers that come unasked again and again. */
export const iceAgainChecks: readonly Check[] = [
  check('ice.renewed', 'the second time, and after get-ice-servers twice', renewsAgain, {
    ...options,
    name: 'again',
  }),
  check('ice.accepted', 'credentials that came unasked, shortly before their end', renewedToTheEnd, {
    ...options,
    name: 'renewed-to-the-end',
  }),
  check('ice.renewed', 'a client that authenticates again', renewsAfterAuth, {
    ...options,
    name: 'refreshed',
  }),
  check('ice.renewed', 'a session that is resumed', renewsTheResumed, { ...options, name: 'resumed' }),
  check('ice.renewed', 'a session that waits when they are due', renewsTheWaiting, {
    ...options,
    name: 'waiting',
  }),
]
