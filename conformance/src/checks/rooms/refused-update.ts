import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { announcedLimit, enter, expectData, revisionBefore, seesData, tryEnter } from '../scene/membership.ts'

/** Bytes of data that are refused, at most. */
const largestRefused = 16_384

/** Something about a room that is refused, and that nobody there is told of. */
interface RefusedChange {
  readonly what: string
  readonly code: 'not-in-room' | 'too-large'
  readonly ask: () => ReturnType<Endpoint['request']>
}

/** An update that is refused is no presence message: it takes no revision at the members who are told nothing. */
async function refusedCountsAsNothing(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const outsider = await t.client()
  const changes: RefusedChange[] = [
    {
      what: 'an update by a peer that is no member',
      code: 'not-in-room',
      ask: () => outsider.request({ type: 'update', room, data: 0 }),
    },
  ]
  const bytes = announcedLimit(t, 'dataBytes')
  if (bytes !== undefined && bytes < largestRefused) {
    const data = 'd'.repeat(bytes)
    changes.push(
      {
        what: 'an update with too much data',
        code: 'too-large',
        ask: () => a.request({ type: 'update', room, data }),
      },
      {
        what: 'a second join with too much data',
        code: 'too-large',
        ask: () => tryEnter(t, a, room, data),
      },
    )
  }
  let number = 0
  const told = async () => {
    number += 1
    a.send({ type: 'update', room, data: number })
    return (await seesData(b, room, a, number)).revision
  }
  await told()
  for (const { what, code, ask } of changes) {
    const outcome = await ask()
    if (outcome.code !== code) throw unexpected(outcome, `${code} for ${what}`)
    const next = await told()
    const last = revisionBefore(b, room, next)
    if (last !== undefined && next !== last + 1)
      throw new CheckFailure(
        `revision ${String(last + 1)} after ${String(last)}, between which ${what} was refused`,
        `the next peer-updated came with ${String(next)} at ${b.name}`,
      )
  }
}

/** Data that was refused before the peer was a member is not the data that it joins with. */
async function refusedIsNotKept(t: CheckContext): Promise<void> {
  const a = await t.client()
  const room = t.room()
  const { code } = await a.request({ type: 'update', room, data: 6 })
  if (code === undefined)
    t.couldNotRun('An update of no member was not refused: see rooms.update-not-in-room')
  const { self } = await enter(t, a, room)
  expectData(self, undefined, 'self of a join without data, after an update of the room was refused')
}

/** Checks of what an update leaves as it was that is refused. */
export const refusedUpdateChecks: readonly Check[] = [
  check('rooms.revision', 'a refused update counts as nothing', refusedCountsAsNothing, { name: 'refused' }),
  check('rooms.joined', 'an update before the join', refusedIsNotKept, { name: 'refused-update' }),
]
