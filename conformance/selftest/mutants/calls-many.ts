import { defaultHandlers, type Telling } from '@parley/reference-server'
import { isOf, misrung, retold, telling } from '../altered-calls.ts'
import type { Frame, Passage } from '../middleman.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { changed, isRelayed, refusal, textOf, valid } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'

/** Tells the first few of those who are to be told. */
const fewOnly = (most: number, type: Telling['type'], reason: string) =>
  telling((tellings) => {
    let count = 0
    return tellings.filter((told) => {
      if (told.type !== type || !('reason' in told) || told.reason !== reason) return true
      count += 1
      return count <= most
    })
  })

/** Calls that have given way before a fault counts them as too many. */
const mostGivenWay = 3

/** Faults of spec/calls.md that show with several devices, several rooms or several calls. */
export const manyCallMutants: Mutants = [
  misrung(
    'tells two other devices that a call has been answered',
    'ring.accept',
    fewOnly(2, 'cancel', 'answered-elsewhere'),
  ),
  misrung(
    'tells two other devices that one has declined',
    'ring.decline',
    fewOnly(2, 'cancel', 'declined-elsewhere'),
  ),
  misrung('cancels at three devices', 'ring.cancel', fewOnly(3, 'cancel', 'normal')),
  misrung('tells devices that are out of a call of the loss of its caller', 'ring.last', (inner) => {
    const out = new Map<string, readonly string[]>()
    return {
      act: (call, event) =>
        retold(inner.act(call, event), (tellings) => {
          if (event.kind === 'accept')
            out.set(
              call,
              tellings.filter(({ type }) => type === 'cancel').map(({ to }) => to),
            )
          return tellings
        }),
      detach: (peer) =>
        inner
          .detach(peer)
          .flatMap((told): Telling[] =>
            told.type === 'call-ended'
              ? [told, ...(out.get(told.call) ?? []).map((to) => ({ ...told, to }))]
              : [told],
          ),
    }
  }),
  misrung(
    'lets one of several calls that give way end',
    'ring.glare',
    telling((tellings) => {
      const first = tellings.find((told) => told.type === 'reject' && told.reason === 'glare')
      return tellings.filter((told) => told === first || told.type !== 'reject' || told.reason !== 'glare')
    }),
  ),
  misrung('lets a call give way to that of a device that was busy', 'ring.glare', (inner) => {
    const busy = new Map<string, { readonly caller: string; readonly call: string }>()
    const callers = new Map<string, string>()
    return {
      invite: (invitation) =>
        retold(inner.invite(invitation), (tellings) => {
          const { id, caller, callee } = invitation
          callers.set(id, caller.peer)
          const before = busy.get(caller.peer)
          if (before === undefined || callee.peer !== before.caller) return tellings
          const [to, call] = id < before.call ? [before.caller, before.call] : [caller.peer, id]
          return [...tellings, { to, call, type: 'reject', reason: 'glare' }]
        }),
      act: (call, event) => {
        const result = inner.act(call, event)
        const rings = result.kind === 'done' && result.tellings.length === 0
        if (event.kind === 'reject' && event.reason === 'busy' && rings)
          busy.set(event.by, { caller: callers.get(call) ?? '', call })
        return result
      },
    }
  }),
  misrung('lets calls cross that are between other devices of the same users', 'ring.glare', (inner) => {
    const users = new Map<string, string>()
    const userOf = (peer: string) => users.get(peer) ?? peer
    /** What rings, by its call: of whom, and at whom. */
    const rings = new Map<string, { readonly caller: string; readonly users: readonly string[] }>()
    return {
      attach: (party) => {
        if (party.user !== undefined) users.set(party.peer, party.user)
        inner.attach(party)
      },
      invite: (invitation) =>
        retold(inner.invite(invitation), (tellings) => {
          const { id, caller, label } = invitation
          const called = tellings.filter(isOf('invite')).map(({ to }) => userOf(to))
          const crossed = [...rings].find(
            ([, other]) => called.includes(userOf(other.caller)) && other.users.includes(userOf(caller.peer)),
          )
          if (label === undefined && called.every((user) => user !== userOf(caller.peer)))
            rings.set(id, { caller: caller.peer, users: called })
          if (!crossed || tellings.some(isOf('reject'))) return tellings
          const [call, to] = id < crossed[0] ? [crossed[0], crossed[1].caller] : [id, caller.peer]
          return [...tellings, { to, call, type: 'reject', reason: 'glare' }]
        }),
      act: (call, event) => {
        if (event.kind !== 'ringing') rings.delete(call)
        return inner.act(call, event)
      },
    }
  }),
  misrung('lets calls cross whose labels differ in case', 'ring.glare', (inner) => ({
    invite: (invitation) =>
      retold(inner.invite({ ...invitation, label: invitation.label?.toLowerCase() }), (tellings) =>
        tellings.map((told) => (told.type === 'invite' ? { ...told, label: invitation.label } : told)),
      ),
  })),
  tampered('believes what an accept says of who takes the call', 'ring.accept', () => {
    const said = new Map<string, unknown>()
    return {
      toServer: valid('accept', (frame) => {
        if ('callee' in frame) said.set(textOf(frame, 'call'), frame['callee'])
        return true
      }),
      toClient: changed('accept', (frame) => {
        const callee = said.get(textOf(frame, 'call'))
        return callee === undefined ? true : { ...frame, callee }
      }),
    }
  }),
  misrung('leaves out the label where a user is rung', 'ring.carried', (inner) => ({
    invite: (invitation) =>
      retold(inner.invite(invitation), (tellings) =>
        invitation.callee.user === undefined
          ? tellings
          : tellings.map((told) => (told.type === 'invite' ? { ...told, label: undefined } : told)),
      ),
  })),
  tampered(
    'rings also the devices of a user that have not asked for calls',
    'ring.invited',
    () => {
      const passages = new Set<Passage>()
      const byUser = new Set<string>()
      return {
        passages,
        toServer: valid('invite', (frame) => {
          if ('user' in (frame['callee'] as Frame)) byUser.add(textOf(frame, 'call'))
          return true
        }),
        toClient: (frame, passage) => {
          if (frame['type'] === 'welcome')
            passage.notes.set('bare', Object.keys(frame['capabilities'] as Frame).length === 0)
          if (frame['type'] === 'authenticated') passage.notes.set('user', frame['user'])
          if (frame['type'] !== 'invite' || !byUser.delete(textOf(frame, 'call'))) return true
          for (const other of passages)
            if (other.notes.get('bare') === true && other.notes.get('user') === passage.notes.get('user'))
              other.toClient(frame)
          return true
        },
      }
    },
    { consequences: { 'capabilities.core-only': 'they have asked for nothing' } },
  ),
  tampered('rings a peer once for each of two rooms', 'ring.invited', () => ({
    toClient: (frame, { notes }) => {
      if (frame['type'] === 'joined') {
        const rooms = (notes.get('rooms') ?? new Set()) as Set<unknown>
        notes.set('rooms', rooms.add(frame['room']))
      }
      const { size } = (notes.get('rooms') ?? new Set()) as Set<unknown>
      return frame['type'] === 'invite' && size === 2 ? [frame, frame] : true
    },
  })),
  tampered('says of a user that was there before that it is offline', 'ring.no-oracle', () => {
    const known = new Set<unknown>()
    return {
      toServer: valid('invite', (frame, { notes }) => {
        if (known.has((frame['callee'] as Frame)['user'])) notes.set(`known ${textOf(frame, 'call')}`, true)
        return true
      }),
      toClient: (frame, { notes }) => {
        if (frame['type'] === 'authenticated') known.add(frame['user'])
        return frame['code'] === 'user-unavailable' && notes.has(`known ${textOf(frame, 'call')}`)
          ? { ...frame, message: 'The user is offline' }
          : true
      },
    }
  }),
  misrung('ends with a call that has given way those that it crosses', 'ring.glare', (inner) => {
    const ringing = new Map<string, { readonly caller: string; readonly at: string }>()
    return {
      invite: (invitation) =>
        retold(inner.invite(invitation), (tellings) => {
          const { id, caller } = invitation
          for (const told of tellings)
            if (told.type === 'invite') ringing.set(id, { caller: caller.peer, at: told.to })
          const hasLost = tellings.some(({ type, to }) => type === 'reject' && to === caller.peer)
          const others = [...ringing].filter(([call, { at }]) => at === caller.peer && call > id)
          return !hasLost
            ? tellings
            : [
                ...tellings,
                ...others.map(([call, each]): Telling => ({
                  to: each.caller,
                  call,
                  type: 'reject',
                  reason: 'glare',
                })),
              ]
        }),
      act: (call, event) => {
        if (event.kind !== 'ringing') ringing.delete(call)
        return inner.act(call, event)
      },
    }
  }),
  tampered('counts data of an invite as it is written', 'ring.data', () => ({
    toServer: (frame, passage, text) => {
      const isLong = frame['type'] === 'invite' && text.includes('\\u0064') && text.length > 2048
      if (isLong) passage.toClient(refusal(frame, 'too-large'))
      return !isLong
    },
  })),
  altered('rings who has still to authenticate', 'ring.unavailable', () =>
    startReferenceServer(
      { invites: 'anyone' },
      {
        handlers: {
          ...defaultHandlers,
          hello: async (message, client, services, frame) => {
            await defaultHandlers.hello(message, client, services, frame)
            if (client.inForce.has('calls')) await services.calls.attach({ peer: client.peer })
          },
        },
      },
    ),
  ),
  tampered('wants a grant for what is said in a call', 'talk.delivered', () => ({
    toServer: (frame, passage) => {
      const isRefused = isRelayed(frame) && !('room' in frame) && passage.notes.has('grants')
      if (isRefused) passage.toClient(refusal(frame, 'forbidden'))
      return !isRefused
    },
    toClient: changed('authenticated', (frame, { notes }) => {
      if ('grants' in frame) notes.set('grants', true)
      return true
    }),
  })),
  misrung('counts calls that have given way on', 'ring.calls-per-peer', (inner) => {
    const given = new Map<string, number>()
    return {
      invite: (invitation) => {
        const { peer } = invitation.caller
        if ((given.get(peer) ?? 0) >= mostGivenWay) return { kind: 'refused', code: 'forbidden' }
        return retold(inner.invite(invitation), (tellings) => {
          for (const told of tellings)
            if (told.type === 'reject' && told.reason === 'glare')
              given.set(told.to, (given.get(told.to) ?? 0) + 1)
          return tellings
        })
      },
    }
  }),
  tampered('refuses in a room what names a call that was hung up', 'talk.apart-from-rooms', () => {
    const over = new Set<string>()
    return {
      toServer: (frame, passage) => {
        const call = textOf(frame, 'call')
        if ('room' in frame && over.has(call)) {
          passage.toClient(refusal(frame, 'call-ended'))
          return false
        }
        return true
      },
      toClient: changed('hangup', (frame) => {
        if (!('room' in frame)) over.add(textOf(frame, 'call'))
        return true
      }),
    }
  }),
]
