import type { KnownErrorCode } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { stringOf } from '../../endpoint/wire.ts'
import { grantedRoom } from '../scene/granted-room.ts'
import { leaveRoom, seesLeave } from '../scene/membership.ts'
import { expectRefusal } from '../scene/refusal.ts'
import { hear, requireUnheard, say, saying, sayQuietly, stage } from './stage.ts'

/** A custom message with an `id` (number 1) and one without (number 2) are refused with one of some codes. */
export async function refusesCustom(
  from: Endpoint,
  place: { readonly room: string; readonly to?: string },
  codes: readonly KnownErrorCode[],
  what: string,
): Promise<void> {
  await expectRefusal(from, say(from, { ...place, n: 1 }).id, codes, what)
  const since = from.log.length
  sayQuietly(from, { ...place, n: 2 })
  const expected = `${codes.join(' or ')} for ${what}, without id`
  const { message, text } = await from.waitFor(({ message: { type } }) => type === 'error', expected, {
    since,
  })
  const code = stringOf(message, 'code') ?? 'no code'
  if (!(codes as readonly string[]).includes(code))
    throw new CheckFailure(expected, `the error was ${code}`).shownBy(text)
}

/** custom.not-in-room */
async function outsidersCannotSend(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const outsider = await t.client()
  await refusesCustom(
    outsider,
    { room, to: b.peer },
    ['not-in-room'],
    'a custom message of who is not in the room',
  )
  await refusesCustom(
    outsider,
    { room },
    ['not-in-room'],
    'a custom message to everybody in a room that the sender is not in',
  )
  await t.barrier(a, b, room)
  await t.barrier(b, a, room)
  requireUnheard([a, b], [1, 2], 'a custom message of who is not in the room')
}

/** custom.peer-not-found */
async function receiversHaveToBeThere(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const elsewhere = await t.client()
  await t.join(t.room(), elsewhere)
  await leaveRoom(b, room)
  await seesLeave(a, room, b)
  const receivers: readonly (readonly [string, string])[] = [
    ['nobody', t.strangerId()],
    ['its own sender', a.peer],
    ['a peer in another room', elsewhere.peer],
    ['a member that has left, and is still connected', b.peer],
  ]
  for (const [who, to] of receivers)
    await refusesCustom(a, { room, to }, ['peer-not-found'], `a custom message to ${who}`)
  await Promise.all([a.sync(), b.sync(), elsewhere.sync()])
  requireUnheard([a, b, elsewhere], [1, 2], 'a custom message to who is not another member of the room')
}

/** custom.forbidden */
async function listenersCannotSend(t: CheckContext): Promise<void> {
  const { room, outsider, insider } = grantedRoom(t, 'listen')
  const [a, b] = await Promise.all([t.client({ user: outsider }), t.client({ user: insider })])
  await t.join(room, b, a)
  const what = 'a custom message of a member that may not send'
  await refusesCustom(a, { room, to: b.peer }, ['forbidden'], what)
  await refusesCustom(a, { room }, ['forbidden'], `${what}, to everybody`)
  await b.sync()
  requireUnheard([b], [1, 2], what)
}

/** custom.all: to be sent to takes no right to send. */
async function listenersHear(t: CheckContext): Promise<void> {
  const { room, outsider, insider } = grantedRoom(t, 'listen')
  const [a, b] = await Promise.all([t.client({ user: outsider }), t.client({ user: insider })])
  await t.join(room, b, a)
  const what = 'a custom message to everybody in a room with a member that may not send'
  await saying(b, { room, n: 1 }, what)
  await hear(a, 1, `the delivery of ${what}, to that member`)
}

/** auth.grants: whoever may send in a room may send this, too. */
async function grantsLetSend(t: CheckContext): Promise<void> {
  const granted = [...t.target.users.entries()].filter(([, user]) => user.authenticated?.grants !== undefined)
  if (granted.length === 0) t.notApplicable('No user of the kit has grants: each may do everything')
  for (const [user] of granted) {
    const room = t.room(user)
    const [a, b] = await Promise.all([t.client({ user }), t.client({ user })])
    await t.join(room, a, b)
    const what = 'a custom message where grants allow to send'
    await saying(a, { room, to: b.peer, n: 1 }, what)
    await saying(a, { room, n: 2 }, `${what}, to everybody`)
    for (const n of [1, 2]) await presupposing('custom.all', hear(b, n, `the delivery of ${what}`))
  }
}

/** Checks of spec/custom.md: what is refused. */
export const customRefusalChecks: readonly Check[] = [
  check('custom.not-in-room', 'who is not in the room cannot send there', outsidersCannotSend, {
    capability: 'custom',
  }),
  check('custom.peer-not-found', 'receivers that are not in the room', receiversHaveToBeThere, {
    capability: 'custom',
  }),
  check('custom.forbidden', 'who may only listen cannot send', listenersCannotSend, { capability: 'custom' }),
  check('custom.all', 'a member that may only listen', listenersHear, {
    name: 'listener',
    capability: 'custom',
  }),
  check('auth.grants', 'custom messages where grants allow to send', grantsLetSend, {
    name: 'custom',
    capability: 'custom',
  }),
]
