import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { expecting, presupposing } from '../../engine/failure.ts'
import type { Outcome } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { callsPerPeer, hear, ring, ringSeconds, whileRinging } from '../calls/stage.ts'
import { strangerUser, watch } from '../discovery/stage.ts'
import { safeBurst } from '../scene/answer.ts'
import { atOnce } from '../scene/at-once.ts'
import { announcedLimit, enter, tryEnter } from '../scene/membership.ts'
import { comeBack, callers } from './calls-meanwhile.ts'
import { needsCapability } from './meanwhile.ts'
import { cut, resume } from './stage.ts'

const counting = 'what a session has counts once, however often it is resumed'

/** Most rooms, and calls, that one peer takes in an ordinary run. */
const most = { rooms: 32, calls: 16 } as const

function expectForbidden(outcome: Outcome, what: string): void {
  if (outcome.code !== 'forbidden') throw unexpected(outcome, `forbidden for ${what}`)
}

/** limits.rooms: those of before the resume count once. */
async function countsRoomsOnce(t: CheckContext): Promise<void> {
  const limit =
    announcedLimit(t, 'roomsPerPeer') ?? t.notApplicable('The server announces no limits.roomsPerPeer')
  if (limit === 1) t.notApplicable('This takes a peer in two rooms; the server allows 1')
  if (limit > most.rooms) t.cost({ messages: 10 * limit }, `Joining ${String(limit)} rooms`)
  const a = await t.client()
  const rooms = Array.from({ length: limit - 1 }, () => t.room())
  await presupposing(
    'limits.honoured',
    atOnce(rooms, safeBurst, (room) => enter(t, a, room)),
  )
  const later = await resume(t, await cut(t, a))
  const outcome = await tryEnter(t, later, t.room())
  if (outcome.type !== 'joined')
    throw unexpected(
      outcome,
      `joined for the join of one room more after a resume, of a peer in ${String(limit - 1)} rooms that may be in ${String(limit)}: ${counting}`,
    )
  expectForbidden(
    await tryEnter(t, later, t.room()),
    'a join beyond limits.roomsPerPeer, of a peer most of whose rooms are from before a resume',
  )
}

/** ring.calls-per-peer: of a caller and an endpoint both of whom have resumed. */
async function countsCallsOnce(t: CheckContext): Promise<void> {
  const { a, b } = await callers(t)
  const limit = callsPerPeer(t, a)
  if (limit === 1) t.notApplicable('This takes a peer with two calls; the server allows 1')
  if (limit > most.calls) t.cost({ messages: 40 * limit }, `Beginning ${String(limit)} calls`)
  await whileRinging(ringSeconds(t, a), async () => {
    for (let count = 1; count < limit; count += 1) await ring(t, a, [b])
    const callee = await comeBack(t, await cut(t, b))
    const caller = await comeBack(t, await cut(t, a))
    const invite = (call: string) =>
      requestInTime(caller, { type: 'invite', call, callee: { peer: callee.peer } })
    const last = t.callId()
    const outcome = await invite(last)
    if (outcome.code === 'rate-limited') t.notObserved('The server refuses an invite for coming too often')
    const what = `an invite where both have resumed, and have one call less than the ${String(limit)} that they may have: ${counting}`
    if (outcome.type !== 'ok') throw unexpected(outcome, `ok for ${what}`)
    await expecting(what, hear(callee, 'invite', last, what))
    expectForbidden(await invite(t.callId()), `an invite beyond callsPerPeer, after a resume`)
  })
}

/** Users that one watch of a check names. */
const usersAtOnce = 100

/** watch.limit: those of before the resume count once. */
async function countsWatchesOnce(t: CheckContext): Promise<void> {
  needsCapability(t, 'discovery')
  const both = { capabilities: ['discovery', 'resume'] } as const
  const a = await t.client(both)
  const { discovery } = a.welcome['capabilities'] as { readonly discovery: { readonly watches: number } }
  const limit = discovery.watches
  if (limit === 1) t.notApplicable('This takes a peer that watches two users; the server allows 1')
  t.cost({ messages: limit }, `Watching as many users as one peer may, ${String(limit)},`)
  const users = Array.from({ length: limit - 1 }, () => strangerUser(t))
  for (let from = 0; from < users.length; from += usersAtOnce)
    await presupposing('watch.limit', watch(a, users.slice(from, from + usersAtOnce)))
  const later = await resume(t, await cut(t, a), { later: await t.client(both) })
  const ask = () => later.request({ type: 'watch', users: [strangerUser(t)] })
  const outcome = await ask()
  if (outcome.type !== 'ok')
    throw unexpected(
      outcome,
      `ok for the watch of one user more after a resume, of a peer that watches ${String(limit - 1)} and may watch ${String(limit)}: ${counting}`,
    )
  expectForbidden(await ask(), 'a watch of one user more than may be watched, after a resume')
}

const options = { name: 'resumed', capability: 'resume' } as const

/** Checks of what a peer may have so many of, where it has resumed its session. */
export const placesAfterwardsChecks: readonly Check[] = [
  check('limits.rooms', 'rooms from before a resume, and more', countsRoomsOnce, options),
  check('ring.calls-per-peer', 'calls from before a resume, and more', countsCallsOnce, options),
  check('watch.limit', 'watches from before a resume, and more', countsWatchesOnce, {
    ...options,
    lengthy: true,
  }),
]
