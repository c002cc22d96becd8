import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { withPeers } from './audit.ts'
import { betweenTwo, two } from './e2e.ts'
import { enter, type Participant } from './participant.ts'
import { callPair, carriesData, type CallPair } from './truth.ts'

/** Pairs that connect at the same time. */
const pairCount = 20

/** Pairs that share a room, where the room has place for them. */
const pairsPerRoom = 5

async function glareOfTwoCalls(t: CheckContext, lowerByA: boolean): Promise<void> {
  const ids = [`0${t.callId().slice(1)}`, `f${t.callId().slice(1)}`] as const
  const [forA, forB] = lowerByA ? ids : ([ids[1], ids[0]] as const)
  const { a, b } = await two(t, { drawCallId: () => forA }, { drawCallId: () => forB })
  await withPeers(t, [a, b], async () => {
    a.hold()
    b.hold()
    const [own, other] = await Promise.all([a.calls.call(b.address), b.calls.call(a.address)])
    await Promise.all([own, other].map((call) => call.until(({ described }) => described, 'its offer')))
    a.release()
    b.release()
    const [winner, loser, taker] = lowerByA ? ([own, other, b] as const) : ([other, own, a] as const)
    const taken = await taker.calls.nextCall(({ place }) => place.id === winner.place.id)
    await carriesData(t, { caller: winner, callee: taken })
    const end = await loser.ended
    t.evidence.push(`the call with the higher id ended: ${end.reason}`)
  })
}

async function mesh(t: CheckContext): Promise<void> {
  if (membersOf(t) < 3) t.notApplicable('A room has place for two members only')
  const room = t.room()
  const members: Participant[] = []
  for (let count = 0; count < 3; count += 1) members.push(await enter(t, room))
  const [a, b, c] = members as [Participant, Participant, Participant]
  await withPeers(t, members, async () => {
    const pairs = [
      [a, b],
      [b, c],
      [c, a],
    ] as const
    await Promise.all(pairs.map(async ([from, to]) => carriesData(t, await callPair(from, to))))
  })
}

async function manyPairs(t: CheckContext): Promise<void> {
  t.cost({ members: pairCount * 2 }, `${String(pairCount)} pairs`)
  const perRoom = Math.max(1, Math.min(pairsPerRoom, Math.floor(membersOf(t) / 2)))
  const rooms = Array.from({ length: Math.ceil(pairCount / perRoom) }, () => t.room())
  const pairs = await Promise.all(
    Array.from({ length: pairCount }, async (_, place) => {
      const room = rooms[Math.floor(place / perRoom)] ?? t.room()
      return [await enter(t, room), await enter(t, room)] as const
    }),
  )
  await withPeers(t, pairs.flat(), async () => {
    await Promise.all(pairs.map(async ([from, to]) => carriesData(t, await callPair(from, to))))
  })
  t.evidence.splice(
    0,
    t.evidence.length,
    `${String(pairCount)} pairs in ${String(rooms.length)} rooms carried data both ways`,
  )
}

function membersOf(t: CheckContext): number {
  const limit: unknown = t.target.welcome.limits.membersPerRoom
  return typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY
}

/** Checks with more than one call, or more than two peers. */
export const severalChecks: readonly Check[] = [
  check(
    'delivery.order',
    'two calls cross, the lower id is that of the first peer',
    (t) => glareOfTwoCalls(t, true),
    {
      name: 'glare-of-two-calls',
      peers: true,
    },
  ),
  check(
    'delivery.order',
    'two calls cross, the lower id is that of the second peer',
    (t) => glareOfTwoCalls(t, false),
    {
      name: 'glare-of-two-calls-reversed',
      peers: true,
    },
  ),
  betweenTwo(
    'relay.no-call-state',
    'two calls between the same two peers at once',
    { name: 'two-calls' },
    async (t, { a, b }) => {
      await Promise.all([
        callPair(a, b, { label: 'camera' }).then((pair) => carriesData(t, pair)),
        callPair(b, a, { label: 'screen' }).then((pair) => carriesData(t, pair)),
      ])
    },
  ),
  check('delivery.addressee', 'a mesh of three peers in one room', mesh, { name: 'mesh', peers: true }),
  check('rooms.outsiders', 'twenty pairs in several rooms at once hear only each other', manyPairs, {
    name: 'twenty-pairs',
    peers: true,
  }),
  check(
    'rooms.lost',
    'a peer that vanishes ends its call at the other side',
    async (t) => {
      const { a, b } = await two(t)
      let pair: CallPair | undefined
      await withPeers(t, [a, b], async () => {
        pair = await callPair(a, b)
        await carriesData(t, pair)
      })
      a.endpoint.link.abort()
      await b.endpoint.expect(
        'peer-left',
        ({ peer, room }) => peer === a.address && room === b.room,
        'peer-left of the vanished peer',
      )
      const end = await pair?.callee.ended
      t.evidence.push(`the call ended at the other side: ${end?.reason ?? ''}`)
    },
    { name: 'vanished-peer', peers: true },
  ),
]
