import { misdirected, Occupancy, whenGranted, decorator, type SyncDirectory } from '../altered-directory.ts'
import type { Frame, Passage } from '../middleman.ts'
import { tampered, type Mutant, type Mutants, type MutantOptions } from '../mutant.ts'
import { changed, refusal, textOf, without } from '../rule.ts'

/** A directory that knows rooms by other names than the kit. */
function renaming(name: string, rename: (room: string) => string): Mutant {
  return misdirected(
    name,
    'rooms.name',
    (inner: SyncDirectory) => ({
      join: (room, member) => inner.join(rename(room), member),
      update: (room, peer, data) => inner.update(rename(room), peer, data),
      leave: (room, peer) => inner.leave(rename(room), peer),
      reach: (room, sender, receiver) => inner.reach(rename(room), sender, receiver),
    }),
    { consequences: { 'frames.exact-names': 'names of rooms are values too', 'rooms.several': 'two rooms are one' } },
  )
}

type Member = Frame

/** Changes the members that frames of one type show. */
function shown(type: 'joined' | 'peer-joined' | 'peer-updated', change: (member: Member) => Member): () => { toClient: ReturnType<typeof changed> } {
  return () => ({
    toClient: changed(type, (frame) =>
      type === 'joined'
        ? { ...frame, members: (frame['members'] as Member[]).map(change) }
        : { ...frame, member: change(frame['member'] as Member) },
    ),
  })
}

const noNull = (member: Member) => (member['data'] === null ? without(member, 'data') : member)
const joinedOf = (frame: Frame) => frame as { readonly members: Member[]; readonly self: Member }

/** Refuses joins of the kit. */
function refusingJoins(code: string, which: (room: string, frame: Frame) => boolean) {
  return () => ({
    toServer: (frame: Frame, passage: Passage) => {
      if (frame['type'] !== 'join' || typeof frame['room'] !== 'string' || !which(frame['room'], frame)) return true
      passage.toClient(refusal(frame, code))
      return false
    },
  })
}

/** A server that announces fewer places than it has, so that a mutant can decide who gets one. */
function places(announced: number, more: MutantOptions = {}): MutantOptions {
  return { ...more, server: { membersPerRoom: announced + 8 } }
}

const announceEight = () => ({
  toClient: changed('welcome', (frame) => ({ ...frame, limits: { ...(frame['limits'] as Frame), membersPerRoom: 8 } })),
})

/** Faults of joining a room. */
export const roomEntryMutants: Mutants = [
  tampered('refuses names of 128 characters', 'rooms.name', refusingJoins('bad-message', (room) => room.length === 128)),
  tampered('refuses blanks in names', 'rooms.name', refusingJoins('bad-message', (room) => room.includes(' '))),
  tampered('takes names of 129 characters', 'rooms.name', () => ({
    toServer: (frame, passage) => {
      if (frame['type'] !== 'join' || textOf(frame, 'room').length !== 129) return true
      passage.toClient({ type: 'joined', ref: frame['id'], room: frame['room'], self: { peer: passage.peer }, members: [], revision: 1 })
      return false
    },
  }), { consequences: { 'frames.shape': 'the reply has such a name', 'frames.bad-shape': 'a join that its schema refuses is accepted' } }),
  tampered('takes names beyond ASCII', 'rooms.name', () => ({
    toServer: (frame) => (frame['type'] === 'join' && textOf(frame, 'room').includes('é') ? { ...frame, room: textOf(frame, 'room').replace('é', 'e') } : true),
  }), { consequences: { 'frames.bad-shape': 'a join that its schema refuses is accepted', 'outcomes.ref': 'its check may send such a join' } }),
  renaming('takes no notice of upper and lower case', (room) => room.toLowerCase()),
  renaming('strips blanks from names', (room) => room.trim()),

  tampered('leaves data out of self', 'rooms.joined', () => ({
    toClient: changed('joined', (frame) => ({ ...frame, self: without(joinedOf(frame).self, 'data') })),
  }), { consequences: { 'rooms.rejoin-data': 'its check looks at self too' } }),
  tampered('leaves null out of self', 'rooms.joined', () => ({
    toClient: changed('joined', (frame) => ({ ...frame, self: noNull(joinedOf(frame).self) })),
  }), { consequences: { 'rooms.rejoin-data': 'its check looks at self too' } }),
  tampered('names another peer in self', 'rooms.joined', () => ({
    toClient: changed('joined', (frame) => {
      const { self, members } = joinedOf(frame)
      return members.length < 2 ? true : { ...frame, self: { ...self, peer: members[0]?.['peer'] } }
    }),
  })),

  tampered('leaves the last of three members out', 'rooms.members', () => ({
    toClient: changed('joined', (frame) => {
      const { members } = joinedOf(frame)
      return members.length < 3 ? true : { ...frame, members: members.slice(0, -1) }
    }),
  }), {
    consequences: {
      'rooms.known-first': 'who is left out is not known',
      'rooms.total-order': 'who is left out is not announced either',
      'rooms.left-once': 'who is left out leaves',
      'rooms.rejoin': 'its check counts members',
      'rooms.empty': 'its check counts members',
      'rooms.peer-joined': 'who is left out is not known',
      'rooms.left-last': 'who is left out is not known',
    },
  }),
  tampered('lists a member twice', 'rooms.members', () => ({
    toClient: changed('joined', (frame) => {
      const { members } = joinedOf(frame)
      return members.length === 2 ? { ...frame, members: [...members, members[0]] } : true
    }),
  }), { consequences: { 'rooms.rejoin': 'its check counts members' } }),
  misdirected('shows newcomers the data of the first join', 'rooms.members', (inner) => {
    const first = new Map<string, string | undefined>()
    return {
      join: (room, member) => {
        const key = `${room} ${member.peer}`
        if (!first.has(key)) first.set(key, member.data)
        return whenGranted(inner.join(room, member), (granted) => ({
          ...granted,
          members: granted.members.map((each) => withData(each, first.get(`${room} ${each.peer}`))),
        }))
      },
    }
  }, { consequences: { 'rooms.rejoin-data': 'data that changed is not shown', 'rooms.update': 'data that changed is not shown', 'rooms.peer-joined': 'a walk sees it', 'rooms.several': 'its check looks at members' } }),
  tampered('leaves null out of members', 'rooms.members', shown('joined', noNull), {
    consequences: { 'rooms.rejoin-data': 'its check looks at members too' },
  }),

  tampered('lists the joining peer when it joins again', 'rooms.not-self', () => ({
    toClient: changed('joined', (frame, passage) => {
      const again = passage.notes.has(`in ${textOf(frame, 'room')}`)
      passage.notes.set(`in ${textOf(frame, 'room')}`, true)
      const { self, members } = joinedOf(frame)
      return again ? { ...frame, members: [...members, self] } : true
    }),
  }), { consequences: { 'rooms.members': 'members lists too many', 'rooms.rejoin': 'its check looks at members', 'rooms.empty': 'its check looks at members', 'rooms.left-once': 'a walk sees it' } }),
  misdirected('tells a peer of its own update', 'rooms.not-self', (inner) => ({
    update: (room, peer, data) => {
      const result = inner.update(room, peer, data)
      return result && { ...result, notices: [...result.notices, { peer, revision: 1 }] }
    },
  }), { consequences: { 'rooms.revision': 'the message is too much' } }),

  misdirected('announces a newcomer to one member only', 'rooms.peer-joined', (inner) => ({
    join: (room, member) =>
      whenGranted(inner.join(room, member), (granted) => (granted.kind === 'entered' ? { ...granted, notices: granted.notices.slice(0, 1) } : granted)),
  }), { consequences: unannounced() }),
  tampered("leaves a newcomer's data out", 'rooms.peer-joined', shown('peer-joined', (member) => without(member, 'data')), {}),
  tampered("leaves a newcomer's null out", 'rooms.peer-joined', shown('peer-joined', noNull), {}),
  misdirected('announces nobody who comes back', 'rooms.peer-joined', (inner) => {
    const left = new Set<string>()
    return {
      leave: (room, peer) => {
        left.add(`${room} ${peer}`)
        return inner.leave(room, peer)
      },
      join: (room, member) =>
        whenGranted(inner.join(room, member), (granted) =>
          granted.kind === 'entered' && left.has(`${room} ${member.peer}`) ? { ...granted, notices: [] } : granted,
        ),
    }
  }, { consequences: unannounced() }),

  tampered('names the same user for everybody', 'rooms.user', shown('peer-joined', (member) => ('user' in member ? { ...member, user: 'ann' } : member)), {}),
  tampered('names users by their token', 'rooms.user', shown('joined', (member) => ('user' in member ? { ...member, user: `id-${String(member['user'])}` } : member)), {}),

  tampered('lets both of two peers find each other', 'rooms.total-order', () => {
    const recent = new Map<string, { member: Member; at: number }[]>()
    return {
      // Whoever has asked within the last moment counts as there.
      toServer: (frame, passage) => {
        if (frame['type'] !== 'join') return true
        const room = textOf(frame, 'room')
        const data = 'data' in frame ? { data: frame['data'] } : {}
        if (passage.peer !== '') recent.set(room, [...(recent.get(room) ?? []), { member: { peer: passage.peer, ...data }, at: performance.now() }])
        return true
      },
      toClient: changed('joined', (frame, passage) => {
        const { members } = joinedOf(frame)
        const asking = (recent.get(textOf(frame, 'room')) ?? []).filter(({ at }) => performance.now() - at < 30).map(({ member }) => member)
        const missing = asking.filter(({ peer }) => peer !== passage.peer && !members.some((each) => each['peer'] === peer))
        if (missing.length < 2) return true
        return { ...frame, members: [...members, ...missing.filter(({ peer }, index) => missing.findIndex((each) => each['peer'] === peer) === index)] }
      }),
    }
  }, { consequences: { 'rooms.members': 'members lists who is not there yet', 'rooms.rejoin': 'a peer is announced although it is known', 'rooms.left-once': 'a walk sees it', 'rooms.full': 'who is refused was listed', 'rooms.last-place': 'who is refused was listed' } }),

  misdirected('announces a peer again that brings new data', 'rooms.rejoin', (inner) => ({
    join: (room, member) => whenGranted(inner.join(room, member), (granted) => ({ ...granted, kind: 'entered' })),
  }), { consequences: { 'rooms.rejoin-data': 'no peer-updated is sent', 'rooms.several': 'its check waits for peer-updated', 'rooms.revision': 'it may count', 'rooms.members': 'its check waits for peer-updated', 'rooms.update': 'a walk sees it' } }),
  misdirected('refuses a member that joins a full room again', 'rooms.rejoin', (inner) => {
    const occupancy = new Occupancy()
    const { join, ...rest } = occupancy.follow(inner)
    return { ...rest, join: (room, member) => (occupancy.of(room).size >= 8 ? { kind: 'full' } : join(room, member)) }
  }),
  misdirected('shows a member that joins again what was', 'rooms.rejoin', (inner) => {
    const before = new Map<string, ReturnType<SyncDirectory['join']>>()
    return {
      join: (room, member) => {
        const key = `${room} ${member.peer}`
        const result = inner.join(room, member)
        const old = before.get(key)
        if ('self' in result && result.kind === 'returned' && old && 'self' in old) return { ...result, members: old.members }
        before.set(key, result)
        return result
      },
    }
  }, { consequences: { 'rooms.members': 'members is of the past', 'rooms.empty': 'members is of the past', 'rooms.known-first': 'who came since is not listed', 'rooms.left-once': 'who left is listed', 'rooms.several': 'members is of the past', 'rooms.rejoin-data': 'data is of the past', 'rooms.left-last': 'who came since is not listed', 'rooms.update': 'a walk sees it', 'rooms.peer-joined': 'a walk sees it' } }),

  misdirected('takes no new data from a second join', 'rooms.rejoin-data', (inner) => {
    const occupancy = new Occupancy()
    const { join, ...rest } = occupancy.follow(inner)
    return { ...rest, join: (room, member) => join(room, occupancy.of(room).has(member.peer) ? withData(member, undefined) : member) }
  }, { consequences: { 'rooms.members': 'its check changes data by a second join', 'rooms.several': 'its check changes data by a second join', 'rooms.update': 'a walk sees it', 'rooms.peer-joined': 'a walk sees it' } }),
  misdirected('forgets the data of who joins again without any', 'rooms.rejoin-data', (inner) => {
    const occupancy = new Occupancy()
    const { join, ...rest } = occupancy.follow(inner)
    return {
      ...rest,
      join: (room, member) => {
        const returns = occupancy.of(room).has(member.peer)
        if (returns && member.data === undefined) inner.update(room, member.peer, 'null')
        return join(room, member)
      },
    }
  }, { consequences: { 'rooms.revision': 'an update is counted that nobody is told of', 'rooms.members': 'data is lost', 'rooms.update': 'a walk sees it', 'rooms.peer-joined': 'a walk sees it' } }),
  misdirected('tells nobody of the data of a second join', 'rooms.rejoin-data', (inner) => ({
    join: (room, member) => whenGranted(inner.join(room, member), (granted) => (granted.kind === 'returned' ? { ...granted, notices: [] } : granted)),
  }), { consequences: { 'rooms.revision': 'it was counted all the same', 'rooms.several': 'its check changes data by a second join', 'rooms.update': 'a walk sees it', 'rooms.peer-joined': 'a walk sees it', 'rooms.members': 'a walk sees it' } }),

  misdirected('ends all memberships with one leave', 'rooms.several', (inner) => {
    const rooms = new Map<string, Set<string>>()
    return {
      join: (room, member) => {
        rooms.set(member.peer, (rooms.get(member.peer) ?? new Set()).add(room))
        return inner.join(room, member)
      },
      leave: (room, peer) => {
        const result = inner.leave(room, peer)
        if (result) for (const other of rooms.get(peer) ?? []) inner.leave(other, peer)
        return result
      },
    }
  }, { consequences: { 'rooms.revision': 'departures are counted that nobody is told of', 'rooms.left-once': 'nobody is told', 'rooms.members': 'a walk sees it', 'rooms.update': 'a walk sees it', 'rooms.peer-joined': 'a walk sees it', 'delivery.no-gap': 'a walk sees it' } }),
  misdirected('changes data in all rooms with one update', 'rooms.several', (inner) => {
    const rooms = new Map<string, Set<string>>()
    return {
      join: (room, member) => {
        rooms.set(member.peer, (rooms.get(member.peer) ?? new Set()).add(room))
        return inner.join(room, member)
      },
      update: (room, peer, data) => {
        for (const other of rooms.get(peer) ?? []) if (other !== room) inner.update(other, peer, data)
        return inner.update(room, peer, data)
      },
    }
  }, { consequences: { 'rooms.revision': 'updates are counted that nobody is told of', 'rooms.members': 'a walk sees it', 'rooms.update': 'a walk sees it', 'rooms.peer-joined': 'a walk sees it' } }),
  misdirected('lets a second room take the place of the first', 'rooms.several', (inner) => {
    const room = new Map<string, string>()
    return {
      join: (name, member) => {
        const before = room.get(member.peer)
        if (before !== undefined && before !== name) inner.leave(before, member.peer)
        room.set(member.peer, name)
        return inner.join(name, member)
      },
    }
  }, { consequences: singleRoom() }),

  tampered('says room-full where a room exists that is not to be joined', 'rooms.forbidden', tellingRooms((frame) => ({ ...frame, code: 'room-full' })), {
    consequences: { 'auth.grants': 'another code comes' },
  }),
  tampered('tells in its text that a room exists', 'rooms.forbidden', tellingRooms((frame) => ({ ...frame, message: 'You may not join this room, which has members' }))),

  tampered('admits one more than it announces', 'rooms.full', announceEight, places(1, {
    consequences: { 'limits.enforced': 'the limit is not kept', 'rooms.last-place': 'two get a place' },
  })),
  misdirected('keeps the places of those who were cut off', 'rooms.full', (inner) => {
    const occupancy = new Occupancy()
    const { join, leave } = occupancy.follow(inner)
    return { leave, join: (room, member) => (occupancy.of(room).size >= 8 && !occupancy.of(room).has(member.peer) ? { kind: 'full' } : join(room, member)) }
  }, { consequences: { 'limits.enforced': 'places are lost', 'limits.honoured': 'places are lost' } }),
  tampered('looks for a place long before it takes it', 'rooms.last-place', announceEight, places(8, {
    seams: () => ({
      decorateDirectory: decorator((inner) => {
        const occupancy = new Occupancy()
        const { join, ...rest } = occupancy.follow(inner)
        return {
          ...rest,
          join: async (room, member) => {
            const members = occupancy.of(room)
            if (members.size >= 8 && !members.has(member.peer)) return { kind: 'full' }
            await new Promise((resolve) => setTimeout(resolve, 5))
            return join(room, member)
          },
        }
      }),
    }),
  })),
  tampered('admits nobody when several want the last place', 'rooms.last-place', () => {
    const asking = new Map<string, number>()
    return {
      toServer: async (frame, passage) => {
        if (frame['type'] !== 'join') return true
        const room = textOf(frame, 'room')
        asking.set(room, (asking.get(room) ?? 0) + 1)
        await new Promise((resolve) => setTimeout(resolve, 5))
        const rivals = asking.get(room) ?? 0
        setTimeout(() => asking.set(room, (asking.get(room) ?? 1) - 1), 5)
        if (rivals !== 4) return true
        passage.toClient(refusal(frame, 'room-full'))
        return false
      },
    }
  }, { consequences: { 'rooms.full': 'places remain' } }),

  misdirected('remembers the data of who was there', 'rooms.empty', (inner) => {
    const kept = new Map<string, string>()
    return {
      join: (room, member) => {
        const key = `${room} ${member.peer}`
        if (member.data !== undefined) kept.set(key, member.data)
        const data = kept.get(key)
        const result = inner.join(room, data === undefined ? member : { ...member, data })
        return result
      },
    }
  }, { consequences: { 'rooms.joined': 'self has data that was not given', 'rooms.rejoin-data': 'data of the first membership comes back', 'rooms.peer-joined': 'data comes that was not given', 'rooms.members': 'data comes that was not given', 'rooms.update': 'a walk sees it', 'rooms.several': 'a walk sees it' } }),
  misdirected('keeps the last member that has left', 'rooms.empty', (inner) => {
    const last = new Map<string, string>()
    const occupancy = new Occupancy()
    const { join, leave, disconnect } = occupancy.follow(inner)
    return {
      disconnect,
      leave: (room, peer) => {
        const result = leave(room, peer)
        if (occupancy.of(room).size === 0) last.set(room, peer)
        return result
      },
      join: (room, member) => {
        const ghost = last.get(room)
        last.delete(room)
        return whenGranted(join(room, member), (granted) =>
          ghost === undefined || ghost === member.peer ? granted : { ...granted, members: [...granted.members, { peer: ghost }] },
        )
      },
    }
  }, { consequences: { 'rooms.members': 'members lists who has left', 'rooms.left-once': 'a walk sees it', 'rooms.name': 'its check leaves and joins', 'rooms.total-order': 'a peer is announced that was listed', 'rooms.rejoin': 'a peer is announced that was listed' } }),
]

function withData<M extends { readonly peer: string }>(member: M, data: string | undefined): M {
  const { data: _data, ...rest } = member as M & { data?: string }
  return (data === undefined ? rest : { ...rest, data }) as M
}

function tellingRooms(change: (frame: Frame) => Frame) {
  return () => {
    const rooms = new Set<unknown>()
    return {
      toClient: (frame: Frame) => {
        if (frame['type'] === 'joined') rooms.add(frame['room'])
        return frame['code'] === 'forbidden' && frame['of'] === 'join' && rooms.has(frame['room']) ? change(frame) : true
      },
    }
  }
}

function unannounced() {
  return {
    'rooms.revision': 'the message is missing in the count',
    'rooms.known-first': 'who is not announced is not known',
    'rooms.total-order': 'neither of two finds the other',
    'rooms.left-once': 'who is not announced leaves',
    'rooms.left-last': 'who is not announced is heard',
    'rooms.members': 'a walk sees it',
    'rooms.update': 'who is not announced updates',
    'rooms.several': 'a walk sees it',
    'rooms.after-left': 'its check waits for peer-joined',
    'relay.delivered': 'its check waits for peer-joined',
    'relay.not-in-room': 'its check comes back',
    'relay.peer-not-found': 'its check waits for peer-joined',
    'rooms.leave-not-in-room': 'its check waits for peer-joined',
    'rooms.outsiders': 'its check waits for peer-joined',
    'rooms.empty': 'its check waits for peer-joined',
    'rooms.full': 'its check waits for peer-joined',
    'rooms.leave': 'its check waits for peer-joined',
    'rooms.not-self': 'its check waits for peer-joined',
    'rooms.rejoin': 'its check waits for peer-joined',
    'delivery.order': 'its traffic waits for peer-joined',
    'delivery.once': 'its traffic waits for peer-joined',
    'delivery.no-gap': 'its traffic waits for peer-joined',
    'delivery.addressee': 'its check waits for peer-joined',
    'delivery.sender-gone': 'its check waits for peer-joined',
  } as const
}

function singleRoom() {
  return {
    'rooms.revision': 'departures are counted that nobody is told of',
    'rooms.left-once': 'nobody is told',
    'rooms.bye': 'its check is in several rooms',
    'rooms.lost': 'its check is in several rooms',
    'rooms.outsiders': 'its check is in several rooms',
    'rooms.known-first': 'memberships end untold',
    'rooms.members': 'a walk sees it',
    'rooms.update': 'a walk sees it',
    'rooms.peer-joined': 'a walk sees it',
    'rooms.left-last': 'memberships end untold',
    'delivery.order': 'its traffic is in two rooms',
    'delivery.once': 'its traffic is in two rooms',
    'delivery.no-gap': 'its traffic is in two rooms',
    'relay.not-in-room': 'its check is in two rooms',
    'relay.peer-not-found': 'its check is in two rooms',
    'limits.rooms': 'its check is in many rooms',
    'limits.enforced': 'its check is in many rooms',
    'replaces.peer-left': 'its check is in several rooms',
    'replaces.before-welcome': 'its check is in several rooms',
    'connection.end-noticed': 'its check is in several rooms',
  } as const
}
