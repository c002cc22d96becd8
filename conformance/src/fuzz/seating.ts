import { stringOf } from '../endpoint/wire.ts'
import type { Participant, Roll, World } from './participant.ts'
import type { Seat } from './world.ts'

/** Works out when a client was in which room, and with what data, from what it has sent and what came of it. */
export function reseat(world: World, participant: Participant): void {
  const { settledSeats, settledData, sent } = participant
  const seats = new Map([...settledSeats].map(([room, all]) => [room, all.map((seat) => ({ ...seat }))]))
  const data = new Map(settledData)
  const open = (room: string): Seat | undefined =>
    seats.get(room)?.findLast(({ until }) => until === Infinity)
  for (const { at, outcome, reading } of sent) {
    const { room, type, message, faults } = reading
    if (room === undefined || !message || faults.length > 0) continue
    const isDone = outcome !== undefined && outcome.type !== 'error'
    const isOpen = outcome === undefined
    if (type === 'join' && (isDone || isOpen)) {
      const there = open(room)
      if (there && isDone && there.sure === Infinity) there.until = at
      if (!there || (isDone && there.sure === Infinity)) {
        const seat = { from: at, sure: outcome?.at ?? Infinity, until: Infinity, gone: Infinity }
        seats.set(room, [...(seats.get(room) ?? []), seat])
        data.delete(room)
      }
      if (isDone && Object.hasOwn(message, 'data')) data.set(room, message['data'])
    }
    if (type === 'leave' && (isDone || isOpen)) {
      const there = open(room)
      if (there) {
        there.until = at
        there.gone = outcome?.at ?? Infinity
      }
    }
    if (type === 'update' && open(room) && isAccepted(outcome?.type, stringOf(message, 'id')))
      data.set(room, message['data'])
  }
  for (const room of participant.shaken)
    for (const seat of seats.get(room) ?? []) seat.until = Math.min(seat.until, world.since)
  if (participant.end) leaveEverywhere(world, participant, seats)
  participant.seats = seats
  participant.data = data
}

/** What carries no `id` is accepted where no error came. */
function isAccepted(outcome: string | undefined, id: string | undefined): boolean {
  return outcome === 'ok' || (outcome === undefined && id === undefined)
}

/** A seat whose owner's connection has ended is free when somebody has been told so, or when it has to be. */
function leaveEverywhere(
  world: World,
  { end, peer, told }: Participant,
  seats: ReadonlyMap<string, Seat[]>,
): void {
  if (!end) return
  for (const [room, all] of seats) {
    const last = all.at(-1)
    if (last?.gone !== Infinity) continue
    const toldAt = told.get(room)?.find(({ reason }) => reason !== 'leave')?.at ?? Infinity
    const rolls = world.participants.flatMap((each) => each.rolls)
    // A join on its way when the connection ended may take effect after a roll that lacks it.
    const isMissed = (roll: Roll) =>
      last.sure !== Infinity && roll.room === room && roll.at > end.at && !roll.peers.includes(peer)
    const rollAt = rolls.find(isMissed)?.at ?? Infinity
    last.gone = Math.min(last.gone, toldAt, rollAt)
  }
}
