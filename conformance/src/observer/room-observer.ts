import { stringOf, type Wire } from '../endpoint/wire.ts'
import { isRelayed, type Report } from './frame-observer.ts'
import type { Watch } from './violation.ts'

/** Watches one endpoint's rooms. */
export interface RoomObserver {
  sent(message: Wire): void
  /** A valid frame of the server. */
  received(message: Wire): void
}

interface Membership {
  /** `pending`: asked for; `member`: joined; `left`: was there. */
  state: 'pending' | 'member' | 'left'
  revision: number
  self: string
  readonly known: Set<string>
  readonly gone: Set<string>
}

const presenceTypes: ReadonlySet<string> = new Set(['peer-joined', 'peer-updated', 'peer-left'])

/** Makes the observer; it keeps what the endpoint may know of each room, and reports what contradicts it. */
export function createRoomObserver(watch: Watch, report: Report): RoomObserver {
  const rooms = new Map<string, Membership>()

  return {
    sent: (message) => {
      const room = stringOf(message, 'room')
      if (message['type'] !== 'join' || room === undefined) return
      const membership = rooms.get(room)
      if (!membership) rooms.set(room, empty('pending'))
      else if (membership.state === 'left') membership.state = 'pending'
    },
    received: (message) => {
      const type = stringOf(message, 'type') ?? ''
      const room = stringOf(message, 'room')
      if (room === undefined || type === 'error') return
      if (type === 'joined') joined(room, message)
      else if (type === 'left') left(room)
      else if (presenceTypes.has(type) || isRelayed(type)) member(room, type, message)
    },
  }

  function joined(room: string, message: Wire): void {
    const membership = empty('member')
    membership.revision = message['revision'] as number
    membership.self = stringOf(message['self'] as Wire, 'peer') ?? ''
    const members = (message['members'] as Wire[]).map((each) => stringOf(each, 'peer') ?? '')
    for (const peer of members) membership.known.add(peer)
    watch.look('rooms.not-self')
    watch.look('rooms.members')
    if (members.includes(membership.self)) {
      report('rooms.not-self', 'members without the joining peer', 'it lists that peer itself')
    }
    if (membership.known.size !== members.length) {
      report('rooms.members', 'every member once', 'members lists a peer more than once')
    }
    rooms.set(room, membership)
  }

  function left(room: string): void {
    const membership = rooms.get(room)
    watch.look('rooms.after-left')
    if (membership) membership.state = 'left'
  }

  function member(room: string, type: string, message: Wire): void {
    const membership = rooms.get(room)
    watch.look('rooms.outsiders')
    if (!membership) {
      report('rooms.outsiders', 'nothing of a room that this peer never joined', `a ${type} of ${room} came`)
      return
    }
    if (membership.state !== 'member') {
      const [requirement, when] =
        membership.state === 'left'
          ? (['rooms.after-left', 'after left'] as const)
          : (['rooms.joined-first', 'before joined'] as const)
      watch.look(requirement)
      report(requirement, `nothing of the room ${when}`, `a ${type} came`)
      return
    }
    watch.look('rooms.joined-first')
    if (isRelayed(type)) relayed(membership, type, message)
    else presence(membership, type, message)
  }

  function relayed(membership: Membership, type: string, message: Wire): void {
    const from = stringOf(message, 'from') ?? ''
    watch.look('delivery.addressee')
    if (message['to'] !== membership.self) {
      report('delivery.addressee', 'only what is addressed to this peer', `a ${type} to another peer came`)
    }
    heardOf(membership, from, type)
  }

  function heardOf(membership: Membership, peer: string, type: string): void {
    watch.look('rooms.known-first')
    watch.look('rooms.left-last')
    if (membership.known.has(peer)) return
    if (membership.gone.has(peer)) {
      report('rooms.left-last', 'nothing from a peer after its peer-left', `a ${type} came from one that had left`)
    } else if (peer !== membership.self) {
      report('rooms.known-first', 'only peers that were made known', `a ${type} came from an unknown peer`)
    }
  }

  function presence(membership: Membership, type: string, message: Wire): void {
    watch.look('rooms.revision')
    const revision = message['revision'] as number
    if (revision !== membership.revision + 1) {
      const actual = `${type} came with ${String(revision)}`
      report('rooms.revision', `revision ${String(membership.revision + 1)} next`, actual)
    }
    membership.revision = revision
    const peer = (type === 'peer-left' ? stringOf(message, 'peer') : stringOf(message['member'] as Wire, 'peer')) ?? ''
    watch.look('rooms.not-self')
    if (peer === membership.self) {
      report('rooms.not-self', 'no presence messages about oneself', `a ${type} about this peer itself came`)
      return
    }
    if (type === 'peer-joined') {
      watch.look('rooms.rejoin')
      if (membership.known.has(peer)) {
        report('rooms.rejoin', 'one peer-joined for each membership', 'a peer that is known already was announced again')
      }
      membership.known.add(peer)
      membership.gone.delete(peer)
    } else if (type === 'peer-left') {
      watch.look('rooms.left-once')
      if (!membership.known.delete(peer)) {
        report('rooms.left-once', 'one peer-left for each membership', 'one came for a peer that is not there')
      }
      membership.gone.add(peer)
    } else {
      heardOf(membership, peer, type)
    }
  }
}

function empty(state: Membership['state']): Membership {
  return { state, revision: 0, self: '', known: new Set(), gone: new Set() }
}
