import { messages } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Sendable } from '../../endpoint/endpoint.ts'
import { announcedLimit, enter, needsRooms } from '../scene/membership.ts'
import { hear, requireUnheard, saying, stage } from './stage.ts'

/** Types of every form that a reverse-domain name has. */
const types = ['a.b', 'com.example.Raise_Hand-2', 'COM.EXAMPLE.MUTE', '0.1', '-._', 'a.b.c.d.e.f'] as const

/** custom.one, custom.all: whatever the name looks like, and with it as it was sent. */
async function takesEveryType(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  for (const [index, type] of types.entries())
    for (const to of [b.peer, undefined]) {
      const n = 2 * index + (to === undefined ? 1 : 0)
      const what = `a custom message of type ${type} ${to === undefined ? 'to everybody' : 'to one member'}`
      const message = { type, room, n, ...(to === undefined ? {} : { to }) }
      const outcome = await a.post(message as unknown as Sendable).outcome(`ok for ${what}`)
      if (outcome.type !== 'ok') throw unexpected(outcome, `ok for ${what}`)
      await b.waitFor(
        ({ message: told }) => told['type'] === type && told['n'] === n,
        `the delivery of ${what}`,
      )
    }
}

/** custom.unread: a type that ends in the name of a message of the specification is another type. */
async function takesNamesakes(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const namesakes = messages.map(({ type }) => `com.example.${type}`)
  const asked = namesakes.map((type, n) => {
    const message = { type, room, n, call: t.callId(), data: n, reason: 'normal' }
    return { type, n, pending: a.post(message as unknown as Sendable) }
  })
  for (const { type, n, pending } of asked) {
    const what = `a custom message of type ${type}`
    const outcome = await pending.outcome(`ok for ${what}`)
    if (outcome.type !== 'ok') throw unexpected(outcome, `ok for ${what}`)
    await b.waitFor(
      ({ message: told }) => told['type'] === type && told['n'] === n,
      `the delivery of ${what}`,
    )
  }
}

/** What a message has beside its `data`, in bytes, at most. */
const restBytes = 1000

/** custom.unread: `limits.dataBytes` is about the data of rooms. */
async function takesLongData(t: CheckContext): Promise<void> {
  const most = announcedLimit(t, 'dataBytes') ?? t.notApplicable('limits.dataBytes is not announced')
  const messageBytes = announcedLimit(t, 'messageBytes') ?? 65_536
  if (most + restBytes > messageBytes) t.notObserved('limits.dataBytes is as good as limits.messageBytes')
  t.cost({ bytes: 2 * most }, 'Sending custom messages with large data')
  const { room, a, b } = await stage(t)
  const data = 'd'.repeat(most + 1)
  for (const [n, to] of [
    [1, b.peer],
    [2, undefined],
  ] as const) {
    const what = `a custom message with a member data longer than limits.dataBytes`
    await saying(a, { room, n, data, ...(to === undefined ? {} : { to }) }, what)
    await hear(b, n, `the delivery of ${what}`)
  }
}

/** Members of a room that everybody stands for, where it has place for them. */
const crowd = 8

/** custom.all: each member of a room that has several. */
async function reachesACrowd(t: CheckContext): Promise<void> {
  const members = Math.min(crowd, announcedLimit(t, 'membersPerRoom') ?? crowd)
  if (members < 4) t.notApplicable(`This takes 4 members; a room has place for ${String(members)}`)
  const room = t.room()
  const [a, ...others] = await t.clients(members)
  if (a === undefined) return
  await t.join(room, a, ...others)
  await saying(a, { room, n: 1 }, 'a custom message to everybody')
  for (const [place, member] of others.entries())
    await hear(
      member,
      1,
      `the delivery of a custom message to everybody, to member ${String(place + 2)} of ${String(members)}`,
    )
}

/** custom.all: of the room that it names alone, though its sender is in another one, too. */
async function staysInItsRoom(t: CheckContext): Promise<void> {
  needsRooms(t, 2)
  const { room, a, b } = await stage(t)
  const other = t.room()
  const elsewhere = await t.client()
  await t.join(other, a, elsewhere)
  await saying(a, { room, n: 1 }, 'a custom message to everybody')
  await hear(b, 1, 'the delivery of a custom message to everybody')
  await t.barrier(a, elsewhere, other)
  requireUnheard([elsewhere], [1], 'a custom message to everybody in another room of its sender')
}

/** custom.all: whoever is alone is told that it was accepted. */
async function takesWhatReachesNobody(t: CheckContext): Promise<void> {
  const a = await t.client()
  const room = t.room()
  await enter(t, a, room)
  const since = a.log.length
  await saying(a, { room, n: 1 }, 'a custom message to everybody of who is alone in the room')
  await a.sync()
  const back = a.log.slice(since).find(({ message }) => message['n'] === 1)
  if (back) throw new CheckFailure('no delivery to the sender itself', 'it came').shownBy(back.text)
}

const options = { capability: 'custom' } as const

/** Checks of what a custom message may look like, and of how far it reaches. */
export const kindChecks: readonly Check[] = [
  check('custom.unread', 'types of every form', takesEveryType, { ...options, name: 'types' }),
  check('custom.unread', 'types that end in the name of a message', takesNamesakes, {
    ...options,
    name: 'namesakes',
  }),
  check('custom.unread', 'data that a room would not take', takesLongData, { ...options, name: 'data' }),
  check('custom.all', 'a room of many members', reachesACrowd, { ...options, name: 'many' }),
  check('custom.all', 'a sender in two rooms', staysInItsRoom, { ...options, name: 'rooms' }),
  check('custom.all', 'a sender that is alone', takesWhatReachesNobody, { ...options, name: 'alone' }),
]
