import { isDeepStrictEqual } from 'node:util'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { presupposing } from '../../engine/failure.ts'
import type { Endpoint, Received } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { enter, fits, noData } from '../scene/membership.ts'

/** Times that a member says the same again. A server may send a `peer-updated` of its own accord: not as many. */
const updates = 4
const joins = 2

/** Waits until a member has been told of a peer's data so many times. */
async function seesAgain(
  member: Endpoint,
  room: string,
  { peer }: Endpoint,
  data: unknown,
  [times, since]: readonly [times: number, since: number],
  what: string,
): Promise<void> {
  const after = times === 1 ? `the ${what}` : `each of ${String(times)} ${what}`
  const expected = `peer-updated about ${peer} at ${member.name} after ${after}`
  const isIt = ({ message }: Received) => {
    const about = message['member'] as Wire | undefined
    return (
      message['type'] === 'peer-updated' &&
      message['room'] === room &&
      about?.['peer'] === peer &&
      isDeepStrictEqual(about['data'], data)
    )
  }
  await member.waitFor(isIt, expected, { since, nth: times })
}

/** Data as wanted, or a digit where the announced limit has no room for it. */
function dataWithin(t: CheckContext, wanted: unknown): unknown {
  return fits(t, wanted) ? wanted : 1
}

async function equalUpdatesAreAnnounced(t: CheckContext): Promise<void> {
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  const room = t.room()
  const atFirst = dataWithin(t, { name: 'Ada', muted: false })
  await enter(t, b, room)
  await enter(t, a, room, atFirst)
  for (const data of [noData(t), atFirst]) {
    const first = b.log.length
    a.send({ type: 'update', room, data })
    const back = data === atFirst ? ' that goes back to the data of its join' : ''
    const told = seesAgain(b, room, a, data, [1, first], `update${back}`)
    await (data === atFirst ? told : presupposing('rooms.update', told))
    const since = b.log.length
    for (let count = 0; count < updates; count += 1) a.send({ type: 'update', room, data })
    await seesAgain(b, room, a, data, [updates, since], 'updates whose data is what it was')
  }
}

async function equalJoinsAreAnnounced(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const data = dataWithin(t, { name: 'Ada' })
  const first = b.log.length
  await enter(t, a, room, data)
  await presupposing('rooms.rejoin-data', seesAgain(b, room, a, data, [1, first], 'join'))
  const since = b.log.length
  for (let count = 0; count < joins; count += 1) await enter(t, a, room, data)
  await seesAgain(b, room, a, data, [joins, since], 'joins whose data is what it was')
}

/** Checks of spec/rooms.md: data that does not change is announced like any other. */
export const equalDataChecks: readonly Check[] = [
  check('rooms.equal-data', 'updates whose data is what it was', equalUpdatesAreAnnounced, {
    name: 'update',
  }),
  check('rooms.equal-data', 'joins again whose data is what it was', equalJoinsAreAnnounced, {
    name: 'join',
  }),
]
