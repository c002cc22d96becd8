import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import { safeBurst } from '../scene/answer.ts'
import { assemble } from './assembly.ts'
import { seesData } from '../scene/membership.ts'
import { candidateTo } from '../scene/negotiation-message.ts'

/** However many pings one connection sends, each is answered. */
async function everyPing(t: CheckContext): Promise<void> {
  const a = await t.client()
  const ids = Array.from({ length: safeBurst }, () => a.post({ type: 'ping' }).id)
  for (const [place, id] of ids.entries())
    await a.outcome(id, { what: `a pong for ping ${String(place + 1)} of ${String(ids.length)}` })
}

/** However many messages one connection sends, each has one outcome. */
async function everyOutcome(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const place = { room, to: b.peer, call: t.callId() }
  const ids = Array.from({ length: safeBurst }, () => a.post(candidateTo(place)).id)
  const which = (index: number) => `message ${String(index + 1)} of ${String(ids.length)} with an id`
  for (const [index, id] of ids.entries()) await a.outcome(id, { what: `an outcome of ${which(index)}` })
  await a.sync()
  for (const [index, id] of ids.entries()) {
    const times = a.log.filter(({ message }) => message['ref'] === id).length
    if (times !== 1) throw new CheckFailure(`one outcome of ${which(index)}`, `${String(times)} came`)
  }
}

/** Members in every situation hear of each other's data. */
async function everyUpdate(t: CheckContext): Promise<void> {
  const { room, members } = await assemble(t)
  for (const [number, sender] of members.entries()) {
    const others = members.filter((member) => member !== sender)
    const since = others.map(({ log }) => log.length)
    sender.send({ type: 'update', room, data: number })
    for (const [index, other] of others.entries())
      await seesData(other, room, sender, number, since[index] ?? 0)
  }
}

/** Checks of what is to hold for the last message as for the first, and for every member as for two. */
export const enduranceChecks: readonly Check[] = [
  check('connection.pong', 'many pings of one connection', everyPing, { name: 'many' }),
  check('outcomes.exactly-one', 'many messages of one connection', everyOutcome, { name: 'many' }),
  check('rooms.update', 'updates of members that have come in different ways', everyUpdate, {
    name: 'assembled',
  }),
]
