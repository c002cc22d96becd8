import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { expectTooLarge, expectUnseen, messageBytesOf, paddedTo } from '../scene/message-size.ts'
import { customType, hear } from './stage.ts'

/** Two members of a room, and a custom message from one to the other, told from all others of the check by its number. */
interface Scene {
  readonly a: Endpoint
  readonly b: Endpoint
  readonly room: string
  /** Who is to get it, in words. */
  readonly whom: string
  readonly message: Wire & { readonly id: string; readonly n: number }
}

/** Plays with a message to one member and with one to everybody, each in a room of its own. */
async function withEach(t: CheckContext, play: (scene: Scene) => Promise<void>): Promise<void> {
  const one = async (whom: string, isToAll: boolean) => {
    const { room, a, b } = await t.pair()
    const to = isToAll ? {} : { to: b.peer }
    await play({ a, b, room, whom, message: { type: customType, room, ...to, n: 1, id: a.nextId() } })
  }
  await Promise.all([one('to one member', false), one('to everybody', true)])
}

/** limits.accept-size */
async function acceptsSize(t: CheckContext): Promise<void> {
  const limit = messageBytesOf(t, 2)
  await withEach(t, async ({ a, b, whom, message }) => {
    const what = `a custom message ${whom} of ${String(limit)} bytes, the announced limit`
    a.sendText(paddedTo(limit, message))
    const outcome = await a.outcome(message.id, { what: `ok for ${what}` })
    if (outcome.type !== 'ok') throw unexpected(outcome, `ok for ${what}`)
    await hear(b, message.n, `the delivery of ${what}`)
  })
}

/** limits.refuse-size */
async function refusesSize(t: CheckContext): Promise<void> {
  const limit = messageBytesOf(t, 2)
  await withEach(t, async ({ a, b, room, whom, message }) => {
    const since = a.log.length
    a.sendRaw(paddedTo(limit + 1, message))
    const what = `a custom message ${whom} of ${String(limit + 1)} bytes, one above the announced limit`
    await expectTooLarge(a, since, what)
    await expectUnseen(t, a, b, room, ({ type, n }) => type === customType && n === message.n)
  })
}

/** Checks of how long a message of an application may be. */
export const customSizeChecks: readonly Check[] = [
  check('limits.accept-size', 'custom messages of exactly limits.messageBytes', acceptsSize, {
    name: 'custom',
    capability: 'custom',
  }),
  check('limits.refuse-size', 'custom messages of one byte more than limits.messageBytes', refusesSize, {
    name: 'custom',
    capability: 'custom',
    hostile: true,
  }),
]
