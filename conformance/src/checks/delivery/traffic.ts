import type { CheckContext } from '../../engine/context.ts'
import { assemble } from './assembly.ts'
import {
  announcedLimit,
  enter,
  knowsOf,
  leaveRoom,
  needsRooms,
  placesFor,
  seesJoin,
  unlessJoinsLimited,
} from '../scene/membership.ts'
import { numbered, relayedTypes, settle, type Stream } from '../scene/stream.ts'

/**
 * Traffic of several kinds, each sent in one go and then settled by markers; what has arrived is judged afterwards. No client sends more
 * than 90 frames, which every announced rate allows at once.
 */
export const traffic = {
  /** One call of sixty candidates, with descriptions before and a hangup behind. */
  call: async (t: CheckContext): Promise<readonly Stream[]> => {
    const { room, a, b } = await t.pair()
    const place = { room, to: b.peer, call: t.callId() }
    const count = 62
    a.send(numbered(place, 1, { type: 'offer' }))
    for (let number = 2; number < count; number += 1) a.send(numbered(place, number))
    a.send(numbered(place, count, { type: 'hangup' }))
    return settled(t, [{ from: a, to: b, room, count }])
  },

  /** Messages of all types and very different lengths, each of a call of its own, some with an id. */
  mixed: async (t: CheckContext): Promise<readonly Stream[]> => {
    const { room, a, b } = await t.pair()
    const most = Math.min(40_000, (announcedLimit(t, 'messageBytes') ?? 65_536) - 2000)
    const lengths = [0, 200, most, 0, 1500, 9000, 0, 125, 126, 4096, 65]
    const count = 55
    for (let number = 1; number <= count; number += 1) {
      const type = relayedTypes[number % 4] ?? 'offer'
      const message = numbered({ room, to: b.peer, call: t.callId() }, number, {
        type,
        length: lengths[number % 11] ?? 0,
      })
      if (number % 3 === 0) a.post(message)
      else a.send(message)
    }
    return settled(t, [{ from: a, to: b, room, count }])
  },

  /** Both write at the same time. */
  crossing: async (t: CheckContext): Promise<readonly Stream[]> => {
    const { room, a, b } = await t.pair()
    const call = t.callId()
    const count = 40
    for (let number = 1; number <= count; number += 1) {
      const type = relayedTypes[number % 3] ?? 'offer'
      a.send(numbered({ room, to: b.peer, call }, number, { type }))
      b.send(numbered({ room, to: a.peer, call }, number, { type }))
    }
    return settled(t, [
      { from: a, to: b, room, count },
      { from: b, to: a, room, count },
    ])
  },

  /** Everybody writes to everybody, round and round. */
  everybody: async (t: CheckContext): Promise<readonly Stream[]> => {
    const room = t.room()
    const members = await t.clients(placesFor(t, 6, 2))
    await Promise.all(members.map((member) => enter(t, member, room)))
    for (const member of members)
      for (const other of members) if (other !== member) await knowsOf(member, room, other)
    const count = 12
    const streams = members.flatMap((from) =>
      members.filter((to) => to !== from).map((to) => ({ from, to, room, count })),
    )
    for (let number = 1; number <= count; number += 1) {
      for (const { from, to } of streams) {
        from.send(
          numbered({ room, to: to.peer, call: t.callId() }, number, {
            type: relayedTypes[number % 4] ?? 'offer',
          }),
        )
      }
    }
    return settled(t, streams)
  },

  /** Members in every situation, each to each: see {@link assemble}. */
  assembled: async (t: CheckContext): Promise<readonly Stream[]> => {
    const { room, members } = await assemble(t)
    const count = 4
    const streams = members.flatMap((from) =>
      members.filter((to) => to !== from).map((to) => ({ from, to, room, count })),
    )
    for (const [index, { from, to }] of streams.entries()) {
      const place = { room, to: to.peer, call: t.callId() }
      for (let number = 1; number <= count; number += 1)
        from.send(numbered(place, number, { type: relayedTypes[(number + index) % 4] ?? 'offer' }))
    }
    return settled(t, streams)
  },

  /** The same two peers in two rooms, turn by turn. */
  rooms: async (t: CheckContext): Promise<readonly Stream[]> => {
    needsRooms(t, 2)
    const { room, a, b } = await t.pair()
    const other = t.room()
    await enter(t, a, other)
    await enter(t, b, other)
    await seesJoin(a, other, b)
    const count = 30
    const call = t.callId()
    for (let number = 1; number <= count; number += 1) {
      a.send(numbered({ room, to: b.peer, call }, number))
      a.send(numbered({ room: other, to: b.peer, call }, number))
    }
    return settled(t, [
      { from: a, to: b, room, count },
      { from: a, to: b, room: other, count },
    ])
  },

  /** Updates, second joins and others' comings and goings in between. */
  presence: async (t: CheckContext): Promise<readonly Stream[]> => {
    const { room, a, b } = await t.pair()
    const count = 30
    const place = { room, to: b.peer, call: t.callId() }
    for (let number = 1; number <= count; number += 1) {
      a.send(numbered(place, number))
      if (number % 5 === 0) a.send({ type: 'update', room, data: number % 10 })
      if (number % 15 === 0) b.send({ type: 'update', room, data: number % 10 })
      if (number === 20) a.send({ type: 'join', room })
    }
    if ((announcedLimit(t, 'membersPerRoom') ?? 3) >= 3) {
      const [c] = await t.clients(1)
      if (c) {
        await enter(t, c, room)
        await leaveRoom(c, room)
      }
    }
    return settled(t, [{ from: a, to: b, room, count }])
  },

  /** A second membership of both begins where the first has ended. */
  returning: async (t: CheckContext): Promise<readonly Stream[]> => {
    const { room, a, b } = await t.pair()
    const place = { room, to: b.peer, call: t.callId() }
    for (let number = 1; number <= 10; number += 1) a.send(numbered(place, number))
    a.send({ type: 'leave', room })
    a.send({ type: 'join', room })
    for (let number = 11; number <= 20; number += 1) a.send(numbered(place, number))
    await a.sync()
    unlessJoinsLimited(a)
    await t.barrier(a, b, room)
    await leaveRoom(b, room)
    const since = a.log.length
    await enter(t, b, room)
    await seesJoin(a, room, b, since)
    for (let number = 21; number <= 30; number += 1) a.send(numbered(place, number))
    return settled(t, [{ from: a, to: b, room, count: 30 }])
  },
} as const satisfies Record<string, (t: CheckContext) => Promise<readonly Stream[]>>

async function settled(t: CheckContext, streams: readonly Stream[]): Promise<readonly Stream[]> {
  await settle(t, streams)
  return streams
}
