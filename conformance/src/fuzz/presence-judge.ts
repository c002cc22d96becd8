import type { ServerRequirementId } from '../generated/requirement.ts'
import { clip } from '../observer/frame-observer.ts'
import { areEqual } from './json-scan.ts'
import type { Participant, Sent, World } from './participant.ts'
import type { View } from './view.ts'
import type { Blame } from './world.ts'

/**
 * Holds what clients were told of their rooms against who is there.
 *
 * @returns What has not come yet.
 */
export function judgePresence(world: World): Blame | undefined {
  for (const each of world.participants) for (const roll of each.rolls) judgeRoll(world, each, roll)
  let missing: Blame | undefined
  for (const each of world.participants) {
    judgeReasons(world, each)
    if (!each.isOpen || each.doubtFrom !== Infinity) continue
    for (const [room, view] of each.views.all)
      if (view.isMember && world.isSurely(each, room, world.now, world.now))
        missing ??= judgeView(world, each, room, view)
  }
  return missing
}

/** Who is in `members`: nobody who cannot be there, and everybody who is there for certain. */
function judgeRoll(
  world: World,
  owner: Participant,
  { at, room, ref, peers }: Participant['rolls'][number],
): void {
  const join = owner.sent.find(({ outcome, reading }) => outcome?.at === at && reading.room === room)
  if (!join || (ref !== undefined && join.reading.id !== ref)) return
  for (const peer of peers) {
    const other = world.byPeer.get(peer)
    if (!other || !world.isPossibly(other, room, join.at, at))
      world.blame(
        'rooms.members',
        'only members of the room in members',
        `it lists ${other ? `${other.name}, which is none` : 'a peer that nobody knows'}`,
      )
  }
  for (const other of world.participants)
    if (other !== owner && !peers.includes(other.peer) && world.isSurely(other, room, join.at, at))
      world.blame('rooms.members', 'every other member of the room in members', `${other.name} is missing`)
}

function judgeView(world: World, owner: Participant, room: string, view: View): Blame | undefined {
  for (const other of world.participants) {
    if (other === owner || other.peer === '') continue
    const { peer } = other
    if (world.isSurely(other, room, world.now, world.now)) {
      if (!view.known.has(peer))
        return {
          requirement: 'rooms.peer-joined',
          expected: `${owner.name} to be told of ${other.name} in its room`,
          actual: 'it was not told in time',
        }
      const data = other.data.get(room)
      const told = view.known.get(peer)
      if (!areEqual(data, told))
        return {
          requirement: 'rooms.update',
          expected: `${owner.name} to be told the last data of ${other.name}: ${clip(JSON.stringify(data))}`,
          actual: `it was told ${clip(JSON.stringify(told))}`,
        }
      const changes = other.sent.filter((sent) => sent.at > view.since && isChange(sent, room)).length
      if ((view.updates.get(peer) ?? 0) < changes)
        return {
          requirement: 'rooms.equal-data',
          expected: `${String(changes)} peer-updated about ${other.name}, one for each accepted change`,
          actual: `${String(view.updates.get(peer) ?? 0)} came in time`,
        }
    } else if (view.known.has(peer) && (other.end || !world.isPossibly(other, room, world.now, world.now)))
      return {
        requirement: departure(other),
        expected: `${owner.name} to be told that ${other.name} has left`,
        actual: 'it was not told in time',
      }
  }
  return undefined
}

/** Whether a frame was accepted that changes, or repeats, the data of a member. */
function isChange({ outcome, reading, at, by }: Sent, room: string): boolean {
  if (reading.room !== room || !reading.message || outcome === undefined || outcome.type === 'error')
    return false
  if (reading.type === 'update') return true
  const wasThere = by
    .seatsOf(room)
    .some(({ from, sure, until }) => from < at && at <= until && sure !== Infinity)
  return reading.type === 'join' && wasThere && Object.hasOwn(reading.message, 'data')
}

/** The sentence that has the others told of somebody's end. */
function departure({ endReasons, end }: Participant): ServerRequirementId {
  if (!end) return 'rooms.leave'
  if (endReasons.has('replaced')) return 'replaces.peer-left'
  return endReasons.has('bye') ? 'rooms.bye' : 'rooms.lost'
}

/** Why somebody is said to have left. */
function judgeReasons(
  world: World,
  { told, endReasons, name, sent, settledSeats, fatal }: Participant,
): void {
  for (const [room, all] of told)
    for (const { reason } of all) {
      const before = settledSeats.get(room) ?? []
      const hasLeft =
        sent.some(({ reading }) => reading.type === 'leave' && reading.room === room) ||
        before.some(({ until, gone }) => until !== Infinity && gone === Infinity) ||
        // Others may hear of it after the model has agreed that it is gone.
        (before.at(-1)?.until ?? Infinity) !== Infinity
      const allowed = new Set(endReasons)
      if (hasLeft) allowed.add('leave')
      if (fatal === 'token-expired') allowed.add('expired')
      if (fatal === 'kicked') allowed.add('kicked')
      // A membership may be ended by the server, for any reason of its own; those that clients give are theirs alone.
      const isTheirs = ['leave', 'bye', 'lost', 'replaced'].includes(reason)
      if (allowed.has(reason) || !isTheirs) continue
      const expected = [...allowed].join(' or ')
      world.blame(
        reasonRequirement(allowed),
        `the reason ${expected === '' ? 'of an end by the server' : expected} in peer-left about ${name}`,
        `it was ${reason}`,
      )
    }
}

function reasonRequirement(allowed: ReadonlySet<string>): ServerRequirementId {
  if (allowed.has('replaced')) return 'replaces.peer-left'
  if (allowed.has('bye')) return 'rooms.bye'
  return allowed.has('leave') ? 'rooms.leave' : 'rooms.lost'
}
