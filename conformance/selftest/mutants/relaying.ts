import { misdirected, Occupancy } from '../altered-directory.ts'
import { tampered, type Mutants } from '../mutant.ts'
import type { Frame } from '../middleman.ts'
import { changed, isRelayed, refusal, textOf, without } from '../rule.ts'

/** Refuses some relayed messages of the kit with a code. */
function refusing(code: string, which: (frame: Frame) => boolean) {
  return () => ({
    toServer: (frame: Frame, passage: { toClient(frame: Frame): void }) => {
      if (!isRelayed(frame) || !which(frame)) return true
      passage.toClient(refusal(frame, code))
      return false
    },
  })
}

function candidateText(frame: Frame): string {
  const { candidate } = (frame['candidate'] ?? {}) as { candidate?: unknown }
  return typeof candidate === 'string' ? candidate : ''
}

function sdp(frame: Frame): string {
  return typeof frame['sdp'] === 'string' ? frame['sdp'] : ''
}

/** Changes errors about relayed messages. */
function relayErrors(change: (frame: Frame) => Frame) {
  return () => ({
    toClient: changed('error', (frame) => (isRelayed({ type: frame['of'] }) ? change(frame) : true)),
  })
}

/** Faults of what the server does in spec/negotiation.md. */
export const relayingMutants: Mutants = [
  tampered('drops the end of candidates', 'relay.delivered', () => ({
    toClient: changed('candidate', (frame) => candidateText(frame) !== ''),
  }), { consequences: { 'relay.no-call-state': 'it sends an end of candidates too', 'delivery.no-gap': 'what is accepted is not delivered' } }),
  tampered('drops hangups with a reason of its own', 'relay.delivered', () => ({
    toClient: changed('hangup', (frame) => !textOf(frame, 'reason').startsWith('com.')),
  }), { consequences: { 'delivery.no-gap': 'what is accepted is not delivered' } }),
  tampered('refuses candidates whose sdpMid is null', 'relay.delivered', refusing('bad-message', (frame) =>
    isValid(frame) && (frame['candidate'] as Frame | undefined)?.['sdpMid'] === null)),
  misdirected('does not relay from a fourth member to the first', 'relay.delivered', (inner) => {
    const occupancy = new Occupancy()
    return {
      ...occupancy.follow(inner),
      reach: (room, sender, receiver) => {
        const members = [...occupancy.of(room)]
        const cut = members.indexOf(sender) === 3 && members.indexOf(receiver) === 0
        return cut ? 'receiver-absent' : inner.reach(room, sender, receiver)
      },
    }
  }),

  misdirected('lets outsiders send to members', 'relay.not-in-room', (inner) => ({
    reach: (room, sender, receiver) => {
      const reach = inner.reach(room, sender, receiver)
      return reach === 'sender-absent' && inner.reach(room, receiver, sender) === 'receiver-absent' ? 'reachable' : reach
    },
  }), {
    consequences: {
      'rooms.known-first': 'the receiver does not know the sender',
      'rooms.left-last': 'the receiver knows that the sender has left',
      'rooms.outsiders': 'outsiders are not refused',
      'rooms.several': 'a member of one room sends in another',
      'rooms.full': 'a refused peer can send',
      'frames.goes-on': 'an outsider is not refused',
    },
  }),
  misdirected('says peer-not-found to outsiders', 'relay.not-in-room', (inner) => ({
    reach: (room, sender, receiver) => {
      const reach = inner.reach(room, sender, receiver)
      return reach === 'sender-absent' ? 'receiver-absent' : reach
    },
  }), {
    consequences: {
      'rooms.outsiders': 'its check sends as an outsider',
      'rooms.several': 'its check sends in a room that was left',
      'rooms.full': 'its check sends after a refused join',
      'rooms.left-last': 'its check sends after leave',
      'relay.no-oracle': 'its check asks as an outsider',
    },
  }),
  misdirected('lets a peer send in a room that it has left', 'relay.not-in-room', (inner) => {
    const left = new Set<string>()
    return {
      leave: (room, peer) => {
        left.add(`${peer} ${room}`)
        return inner.leave(room, peer)
      },
      reach: (room, sender, receiver) => {
        const reach = inner.reach(room, sender, receiver)
        const stale = reach === 'sender-absent' && left.has(`${sender} ${room}`)
        return stale && inner.reach(room, receiver, sender) === 'receiver-absent' ? 'reachable' : reach
      },
    }
  }, {
    consequences: {
      'rooms.left-last': 'the receiver has been told that the sender has left',
      'rooms.known-first': 'a receiver that came later never knew the sender',
      'rooms.several': 'its check sends in a room that was left',
    },
  }),

  misdirected('delivers messages to their own sender', 'relay.peer-not-found', (inner) => ({
    reach: (room, sender, receiver) => {
      const reach = inner.reach(room, sender, receiver)
      return reach === 'receiver-absent' && sender === receiver ? 'reachable' : reach
    },
  })),
  tampered('answers ok for a receiver that is not there', 'relay.peer-not-found', () => ({
    toClient: changed('error', (frame) => {
      if (frame['code'] !== 'peer-not-found') return true
      return frame['ref'] === undefined ? false : { type: 'ok', ref: frame['ref'] }
    }),
  }), {
    consequences: {
      'relay.no-oracle': 'its check needs the error',
      'outcomes.failure-told': 'no error is sent',
      'rooms.after-left': 'its check sends to a member that has left',
      'rooms.bye': 'its check sends to a member that is gone',
      'rooms.lost': 'its check sends to a member that is gone',
      'delivery.no-gap': 'what is said to be accepted is not delivered',
    },
  }),
  misdirected('delivers to a peer that shares another room', 'relay.peer-not-found', (inner) => {
    const rooms = new Map<string, Set<string>>()
    return {
      join: (room, member) => {
        const result = inner.join(room, member)
        if ('self' in result) rooms.set(member.peer, (rooms.get(member.peer) ?? new Set()).add(room))
        return result
      },
      reach: (room, sender, receiver) => {
        const reach = inner.reach(room, sender, receiver)
        if (reach !== 'receiver-absent' || sender === receiver) return reach
        const shared = [...(rooms.get(sender) ?? [])].some((other) => inner.reach(other, sender, receiver) === 'reachable')
        return shared ? 'reachable' : reach
      },
    }
  }, { consequences: { 'rooms.outsiders': 'the receiver gets a message of a room that it is not in', 'rooms.after-left': 'it may have left that room' } }),

  tampered('says forbidden about receivers that are online', 'relay.no-oracle', () => {
    const online = new Set<unknown>()
    return {
      toClient: (frame) => {
        if (frame['type'] === 'welcome') online.add(frame['peer'])
        return frame['code'] === 'peer-not-found' && online.has(frame['to']) ? { ...frame, code: 'forbidden' } : true
      },
    }
  }, {
    consequences: {
      'relay.peer-not-found': 'another code comes',
      'auth.grants': 'forbidden comes although nothing is',
      'rooms.after-left': 'its check sends to a member that has left',
      'rooms.bye': 'its check sends to a member that is gone',
      'rooms.lost': 'its check sends to a member that is gone',
    },
  }),
  tampered('tells in its text whether a peer was ever there', 'relay.no-oracle', () => {
    const known = new Set<unknown>()
    return {
      toClient: (frame) => {
        if (frame['type'] === 'welcome') known.add(frame['peer'])
        if (frame['code'] !== 'peer-not-found') return true
        return { ...frame, message: known.has(frame['to']) ? 'That peer is in another room' : 'There is no such peer' }
      },
    }
  }),
  tampered('adds a member for peers that are online', 'relay.no-oracle', () => {
    const online = new Set<unknown>()
    return {
      toClient: (frame) => {
        if (frame['type'] === 'welcome') online.add(frame['peer'])
        return frame['code'] === 'peer-not-found' && online.has(frame['to']) ? { ...frame, 'com.example.online': true } : true
      },
    }
  }),
  tampered('tells outsiders which rooms exist', 'relay.no-oracle', () => {
    const rooms = new Set<unknown>()
    return {
      toClient: (frame) => {
        if (frame['type'] === 'joined') rooms.add(frame['room'])
        if (frame['code'] !== 'not-in-room' || !rooms.has(frame['room'])) return true
        return { ...frame, message: `${textOf(frame, 'message')}, which has members` }
      },
    }
  }),

  tampered('lets members send that may not', 'relay.forbidden', () => ({
    toClient: changed('authenticated', (frame) =>
      frame['user'] === 'bob' ? { ...frame, grants: listenOnly(frame['grants']) } : true,
    ),
  }), {
    server: { tokens: [
      { token: 'ann-4f1d0c9be2a7', user: 'ann' },
      { token: 'bob-93c2e7a1d05f', user: 'bob', grants: [{ prefix: 'parley-', join: true, send: true }, { prefix: 'listen-', join: true, send: true }] },
    ] },
    consequences: { 'auth.grants': 'the grants are not kept to' },
  }),
  tampered('says not-in-room to members that may not send', 'relay.forbidden',
    relayErrors((frame) => (frame['code'] === 'forbidden' ? { ...frame, code: 'not-in-room' } : frame)),
    { consequences: { 'auth.grants': 'it asks for forbidden' } }),

  tampered('refuses a later answer without an offer', 'relay.no-call-state', () => {
    const offered = new Set<unknown>()
    return {
      toServer: (frame, passage) => {
        if (frame['type'] === 'offer') offered.add(frame['call'])
        if (frame['type'] !== 'answer' || frame['negotiation'] !== 2 || offered.has(frame['call']) || !isValid(frame)) return true
        passage.toClient(refusal(frame, 'unexpected-message'))
        return false
      },
    }
  }, { consequences: { 'relay.delivered': 'a valid message is refused', 'relay.unread': 'its check answers without an offer', 'relay.not-in-room': 'another error comes', 'relay.peer-not-found': 'another error comes', 'relay.forbidden': 'another error comes' } }),
  tampered('drops what comes after the hangup of a call', 'relay.no-call-state', () => {
    const ended = new Set<unknown>()
    return {
      toServer: (frame, passage) => {
        const call = `${passage.peer} ${textOf(frame, 'call')}`
        if (isRelayed(frame) && ended.has(call) && frame['type'] !== 'hangup') {
          if (frame['id'] !== undefined) passage.toClient({ type: 'ok', ref: frame['id'] })
          return false
        }
        if (frame['type'] === 'hangup') ended.add(call)
        return true
      },
    }
  }, { consequences: { 'delivery.no-gap': 'what is accepted is not delivered', 'relay.delivered': 'valid messages are not delivered' } }),
  tampered('refuses a call id that another pair uses', 'relay.no-call-state', () => {
    const owners = new Map<unknown, string>()
    return {
      toServer: (frame, passage) => {
        if (frame['type'] !== 'offer') return true
        const pair = [passage.peer, frame['to']].sort().join()
        const owner = owners.get(frame['call']) ?? pair
        owners.set(frame['call'], owner)
        if (owner === pair) return true
        passage.toClient(refusal(frame, 'unexpected-message'))
        return false
      },
    }
  }, { consequences: { 'relay.delivered': 'a valid message is refused' } }),

  tampered('refuses descriptions without media', 'relay.unread', refusing('bad-message', (frame) =>
    isValid(frame) && 'sdp' in frame && !sdp(frame).includes('m=')), { consequences: { 'relay.delivered': 'a valid message is refused', 'relay.opaque-sdp': 'its check sends such a description', 'relay.members': 'its check sends such a description', 'limits.accept-size': 'its check may' } }),
  tampered('drops candidates of loopback addresses', 'relay.unread', () => ({
    toClient: changed('candidate', (frame) => !candidateText(frame).includes('127.0.0.1')),
  }), { consequences: { 'delivery.no-gap': 'what is accepted is not delivered' } }),
  tampered('refuses text that is no candidate attribute', 'relay.unread', refusing('bad-message', (frame) =>
    isValid(frame) && frame['type'] === 'candidate' && !/^(candidate:|$)/.test(candidateText(frame))),
    { consequences: { 'relay.members': 'its check may send such a candidate' } }),
  tampered('hides mDNS names', 'relay.unread', () => ({
    toClient: changed('candidate', (frame) => {
      const init = frame['candidate'] as Frame
      const text = candidateText(frame)
      return text.includes('.local') ? { ...frame, candidate: { ...init, candidate: text.replace(/\S+\.local/, '0.0.0.0') } } : true
    }),
  }), { consequences: { 'relay.members': 'a value is changed' } }),
]

/** Whether a frame holds none of the members that a client may not write: others are for other mutants. */
function isValid(frame: Frame): boolean {
  return Object.keys(without(frame, 'from', 'ref', 'seq', 'ack')).length === Object.keys(frame).length
}

function listenOnly(grants: unknown): unknown {
  return Array.isArray(grants)
    ? (grants as Frame[]).map((grant) => (grant['prefix'] === 'listen-' ? { ...grant, send: false } : grant))
    : grants
}
