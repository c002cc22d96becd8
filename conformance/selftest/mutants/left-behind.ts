import type { CallResult, PartyEvent, Telling } from '@parley/reference-server'
import { misrung, retold, type SyncCalls } from '../altered-calls.ts'
import type { Frame, MiddlemanRules, Passage, Rule } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { isRelayed, refusal, textOf, valid, without } from '../rule.ts'

/** Keeps back each relayed frame for which a memory of its call says so. */
function remembering(keepsBack: (frame: Frame, memory: Map<string, number>, key: string) => boolean): {
  readonly toClient: Rule
} {
  return {
    toClient: (frame, { notes }) => {
      if (!isRelayed(frame)) return true
      const memory = (notes.get('memory') as Map<string, number> | undefined) ?? new Map<string, number>()
      notes.set('memory', memory)
      const key = [frame['from'], frame['room'], frame['call']].join(' ')
      return !keepsBack(frame, memory, key)
    },
  }
}

const isEndOfCandidates = (frame: Frame) =>
  frame['type'] === 'candidate' && textOf((frame['candidate'] ?? {}) as Frame, 'candidate') === ''

/** Finds whom a sender has reached before without looking whether it is still there. */
function cachesReceivers(): MiddlemanRules {
  const passages = new Set<Passage>()
  const reached = new Set<string>()
  const members = new Set<string>()
  const keyOf = (frame: Frame, from: string) => [from, frame['room'], frame['to']].join(' ')
  return {
    passages,
    toClient: (frame, passage) => {
      const { type, room } = frame
      if (type === 'joined') members.add(`${passage.peer} ${String(room)}`)
      if (type === 'left') members.delete(`${passage.peer} ${String(room)}`)
      if (isRelayed(frame)) reached.add(keyOf(frame, String(frame['from'])))
      return true
    },
    toServer: (frame, passage) => {
      const receiver = [...passages].find(({ peer }) => peer !== '' && peer === frame['to'])
      const isMember = members.has(`${passage.peer} ${textOf(frame, 'room')}`)
      const isThere = members.has(`${textOf(frame, 'to')} ${textOf(frame, 'room')}`)
      if (!receiver || !isMember || isThere || !reached.has(keyOf(frame, passage.peer))) return true
      if ('id' in frame) passage.toClient({ type: 'ok', ref: frame['id'] })
      receiver.toClient({ ...frame, from: passage.peer })
      return false
    },
  }
}

/** Shows a member that leaves and joins again in one go with the data that it had. */
function keepsDataOfReturned(): MiddlemanRules {
  const key = (frame: Frame) => `data in ${textOf(frame, 'room')}`
  return {
    toServer: (frame, { notes }) => {
      const left = notes.get('just left')
      notes.delete('just left')
      if ('data' in frame && (frame['type'] === 'join' || frame['type'] === 'update'))
        notes.set(key(frame), frame['data'])
      if (frame['type'] === 'leave') notes.set('just left', frame['room'])
      return frame['type'] === 'join' && left === frame['room'] && !('data' in frame) && notes.has(key(frame))
        ? { ...frame, data: notes.get(key(frame)) }
        : true
    },
  }
}

/** Answers the second of two equal joins, none of which asks for an outcome, with nothing. */
const skipsEqualJoins: Rule = (frame, { notes }, text) => {
  const isEqual = frame['type'] === 'join' && !('id' in frame) && notes.get('last text') === text
  notes.set('last text', text)
  return !isEqual
}

/** Shows what a member's update was refused for to whoever comes. */
function storesWhatIsRefused(): MiddlemanRules {
  const refused = new Map<string, unknown>()
  const asked = new Map<unknown, Frame>()
  return {
    toServer: valid('update', (frame) => {
      if ('id' in frame) asked.set(frame['id'], frame)
      return true
    }),
    toClient: (frame, { peer }) => {
      const update = frame['code'] === 'too-large' ? asked.get(frame['ref']) : undefined
      if (update) refused.set(`${peer} ${textOf(update, 'room')}`, update['data'])
      if (frame['type'] !== 'joined') return true
      const shown = (member: Frame) => {
        const key = `${textOf(member, 'peer')} ${textOf(frame, 'room')}`
        return refused.has(key) ? { ...member, data: refused.get(key) } : member
      }
      return { ...frame, members: (frame['members'] as readonly Frame[]).map(shown) }
    },
  }
}

/** Takes the id of an invite with too much data for that of a call that is over. */
function burnsRefusedIds(): MiddlemanRules {
  const burnt = new Set<unknown>()
  return {
    toServer: valid('invite', (frame, passage) => {
      if (!burnt.has(frame['call'])) return true
      passage.toClient(refusal(frame, 'call-ended'))
      return false
    }),
    toClient: (frame) => {
      if (frame['code'] === 'too-large' && frame['of'] === 'invite') burnt.add(frame['call'])
      return true
    },
  }
}

/** The peers that are out of a call because they were busy. */
function busyOnes() {
  const busy = new Map<string, Set<string>>()
  const see = (call: string, event: PartyEvent, result: CallResult) => {
    if (result.kind === 'done' && event.kind === 'reject' && event.reason === 'busy')
      busy.set(call, (busy.get(call) ?? new Set()).add(event.by))
  }
  return {
    see,
    seeing: (inner: Pick<SyncCalls, 'act'>): SyncCalls['act'] => {
      return (call, event) => {
        const result = inner.act(call, event)
        see(call, event, result)
        return result
      }
    },
    of: (call: string): readonly string[] => [...(busy.get(call) ?? [])],
  }
}

/** Tells whoever was busy of the end of the call, too. */
function tellsTheBusy(reason: 'timeout' | 'lost') {
  return (tellings: readonly Telling[], busy: ReturnType<typeof busyOnes>): readonly Telling[] => {
    const calls = new Set(
      tellings.filter((told) => told.type === 'cancel' && told.reason === reason).map(({ call }) => call),
    )
    return [
      ...tellings,
      ...[...calls].flatMap((call) =>
        busy.of(call).map((to): Telling => ({ to, call, type: 'cancel', reason })),
      ),
    ]
  }
}

/** How long a call that is over is known, in milliseconds. */
const knownMs = 700

/** State that an operation leaves behind: after it was refused, after its object has gone, or for another one than its own. */
export const leftBehindMutants: Mutants = [
  tampered('delivers one end of candidates of a call', 'relay.no-call-state', () =>
    remembering((frame, memory, key) => {
      if (!isEndOfCandidates(frame)) return false
      memory.set(key, (memory.get(key) ?? 0) + 1)
      return (memory.get(key) ?? 0) > 1
    }),
  ),
  tampered('drops candidates of an earlier negotiation', 'relay.no-call-state', () =>
    remembering((frame, memory, key) => {
      if (frame['type'] !== 'candidate') return false
      const highest = memory.get(key) ?? 0
      memory.set(key, Math.max(highest, Number(frame['negotiation'])))
      return Number(frame['negotiation']) < highest
    }),
  ),
  tampered('takes no notice of a close frame without a code', 'connection.end-noticed', () => ({
    onClientEnd: (_passage, code) => code !== 1005,
  })),
  tampered('takes no notice of a close frame with 1001', 'connection.end-noticed', () => ({
    onClientEnd: (_passage, code) => code !== 1001,
  })),
  tampered('shows who comes right back with earlier data', 'rooms.peer-joined', keepsDataOfReturned),
  tampered('answers the first of equal joins without id', 'outcomes.typed-reply', () => ({
    toServer: skipsEqualJoins,
  })),
  tampered(
    'delivers to who has left, where a message has reached it before',
    'relay.peer-not-found',
    cachesReceivers,
  ),
  tampered('counts revisions in a byte', 'rooms.revision', () => ({
    toClient: (frame) =>
      typeof frame['revision'] === 'number'
        ? { ...frame, revision: ((frame['revision'] - 1) % 255) + 1 }
        : true,
  })),
  tampered('leaves the user out of self for a second join', 'rooms.user', () => ({
    toClient: (frame, { notes }) => {
      if (frame['type'] === 'left') notes.delete(`in ${textOf(frame, 'room')}`)
      if (frame['type'] !== 'joined') return true
      const isAgain = notes.has(`in ${textOf(frame, 'room')}`)
      notes.set(`in ${textOf(frame, 'room')}`, true)
      return isAgain ? { ...frame, self: without(frame['self'] as Frame, 'user') } : true
    },
  })),
  tampered('drops nulls at the end of lists', 'relay.members', () => ({
    toClient: (frame, _passage, text) => (isRelayed(frame) ? text.replace(/(?:,null)+\]/g, ']') : true),
  })),
  tampered('keeps data that it refuses as too large', 'limits.data', storesWhatIsRefused),
  tampered('takes the id of an invite with too much data for used', 'ring.data', burnsRefusedIds),
  misrung('rings users whatever the case of their names', 'ring.only-endpoints', (inner) => {
    const lower = <C extends { readonly user?: string }>(callee: C): C =>
      callee.user === undefined ? callee : { ...callee, user: callee.user.toLowerCase() }
    return {
      endpointsOf: (callee) => inner.endpointsOf(lower(callee)),
      invite: (invitation) => inner.invite({ ...invitation, callee: lower(invitation.callee) }),
    }
  }),
  misrung('gives a part in a call to who invites with its id', 'ring.not-found', (inner) => {
    const tried = new Set<string>()
    return {
      invite: (invitation) => {
        const result = inner.invite(invitation)
        if (result.kind === 'refused') tried.add(`${invitation.caller.peer} ${invitation.id}`)
        return result
      },
      act: (call, event) => {
        const result = inner.act(call, event)
        return result.kind === 'refused' &&
          result.code === 'call-not-found' &&
          tried.has(`${event.by} ${call}`)
          ? { ...result, code: 'call-ended' }
          : result
      },
    }
  }),
  misrung('takes a device that was busy for one that has said ringing', 'ring.ringing', (inner) => {
    const busy = busyOnes()
    return {
      act: (call, event) => {
        const result = inner.act(call, event)
        busy.see(call, event, result)
        return event.kind === 'ringing' && busy.of(call).length > 0 ? retold(result, () => []) : result
      },
    }
  }),
  misrung('tells who was busy that the time is over', 'ring.timeout', (inner) => {
    const busy = busyOnes()
    return {
      act: busy.seeing(inner),
      sweep: () => tellsTheBusy('timeout')(inner.sweep(), busy),
    }
  }),
  misrung('tells who was busy of the loss of the caller', 'ring.caller-lost', (inner) => {
    const busy = busyOnes()
    return {
      act: busy.seeing(inner),
      detach: (peer) => tellsTheBusy('lost')(inner.detach(peer), busy),
    }
  }),
  misrung('counts a device twice that is busy, and then lost', 'ring.busy', (inner) => {
    const busy = busyOnes()
    const rung = new Map<string, { readonly caller: string; left: number }>()
    return {
      invite: (invitation) =>
        retold(inner.invite(invitation), (tellings) => {
          const left = tellings.filter(({ type }) => type === 'invite').length
          rung.set(invitation.id, { caller: invitation.caller.peer, left })
          return tellings
        }),
      act: (call, event) => {
        const result = inner.act(call, event)
        busy.see(call, event, result)
        const of = rung.get(call)
        if (of && event.kind === 'reject' && event.reason === 'busy') of.left -= 1
        return result
      },
      detach: (peer) => {
        const told = inner.detach(peer)
        const more = [...rung].flatMap(([call, of]): Telling[] => {
          if (!busy.of(call).includes(peer)) return []
          of.left -= 2
          if (of.left > 0) return []
          rung.delete(call)
          return [{ to: of.caller, call, type: 'reject', reason: 'lost' }]
        })
        return [...told, ...more]
      },
    }
  }),
  misrung('forgets a call soon after its end', 'ring.ended', (inner) => {
    const ended = new Map<string, number>()
    return {
      act: (call, event) => {
        const result = inner.act(call, event)
        if (result.kind !== 'refused' || result.code !== 'call-ended') return result
        const since = ended.get(call) ?? Date.now()
        ended.set(call, since)
        return Date.now() - since > knownMs ? { ...result, code: 'call-not-found' } : result
      },
      invite: (invitation) => {
        ended.set(invitation.id, Date.now())
        return inner.invite(invitation)
      },
    }
  }),
]
