import { defaultHandlers, type CallResult } from '@parley/reference-server'
import { isOf, misrung, retold, type CallOverrides } from '../altered-calls.ts'
import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { counted, holding, textOf, valid } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'

/** How long a user is looked for, in milliseconds. */
const lookMs = 20

/** Finds the connection that a frame of the kit brings to its end, or one of the server has told of. */
type Ending = (frame: Frame, passage: Passage, bySession: ReadonlyMap<string, Passage>) => Passage | undefined

/** Says nothing of one type about the calls of those whose connection has ended in one way. */
function untold(type: string, ending: Ending): () => MiddlemanRules {
  return () => {
    const parties = new Map<string, Set<Passage>>()
    const bySession = new Map<string, Passage>()
    const gone = new Set<Passage>()
    const partiesOf = (frame: Frame) => parties.get(textOf(frame, 'call')) ?? new Set()
    const note = (frame: Frame, passage: Passage) => {
      if (frame['type'] === 'welcome') bySession.set(textOf(frame, 'session'), passage)
      if (frame['type'] === 'invite') parties.set(textOf(frame, 'call'), partiesOf(frame).add(passage))
      const ended = ending(frame, passage, bySession)
      if (ended) gone.add(ended)
    }
    return {
      toServer: (frame, passage) => {
        note(frame, passage)
        return true
      },
      toClient: (frame, passage) => {
        note(frame, passage)
        const isOfGone = [...partiesOf(frame)].some((party) => party !== passage && gone.has(party))
        return frame['type'] !== type || !isOfGone
      },
    }
  }
}

/** Tells a device that was not the first to say `ringing` nothing of what another one has made of the call. */
function sparing(reason: 'answered-elsewhere' | 'declined-elsewhere'): CallOverrides {
  return (inner) => {
    const alerting = new Map<string, string[]>()
    return {
      act: (call, event) => {
        const { kind, by } = event
        const before = alerting.get(call) ?? []
        if (kind === 'ringing' && !before.includes(by)) alerting.set(call, [...before, by])
        const isSpared = isOf('cancel', reason)
        return retold(inner.act(call, event), (tellings) =>
          tellings.filter((told) => !(isSpared(told) && before.indexOf(told.to) > 0)),
        )
      },
    }
  }
}

/** What comes to nothing where all connections of a user ring for each other's calls. */
const hearingOfAll = [
  'ring.accept',
  'ring.busy',
  'ring.cancel',
  'ring.caller',
  'ring.caller-lost',
  'ring.calls-per-peer',
  'ring.carried',
  'ring.data',
  'ring.decline',
  'ring.ended',
  'ring.endpoint-lost',
  'ring.glare',
  'ring.invited',
  'ring.last',
  'ring.not-found',
  'ring.ringing',
  'ring.state',
  'ring.states',
  'ring.timeout',
  'ring.unavailable',
  'talk.apart-from-rooms',
  'talk.lost',
  'talk.peer-not-found',
  'talk.refresh',
] as const

/** Faults in calls that come of what a server keeps in the wrong place. */
export const callOversightMutants: Mutants = [
  altered('takes a cancel before the invite of a user that was sent before it', 'ring.cancel', () =>
    startReferenceServer(
      {},
      {
        handlers: {
          ...defaultHandlers,
          invite: (message, client, services, frame) => {
            if (message.callee.user === undefined)
              return defaultHandlers.invite(message, client, services, frame)
            setTimeout(() => void defaultHandlers.invite(message, client, services, frame), lookMs)
            return undefined
          },
        },
      },
    ),
  ),
  misrung(
    'gives back two places for a call that its caller has cancelled',
    'ring.calls-per-peer',
    (inner) => {
      const cancelled = new Set<string>()
      return {
        invite: (invitation) => {
          const result = inner.invite(invitation)
          const isOneMore = result.kind === 'refused' && result.code === 'forbidden'
          const done: CallResult = { kind: 'done', tellings: [] }
          return isOneMore && cancelled.delete(invitation.caller.peer) ? done : result
        },
        act: (call, event) =>
          retold(inner.act(call, event), (tellings) => {
            if (event.kind === 'cancel') cancelled.add(event.by)
            return tellings
          }),
      }
    },
  ),
  altered(
    'cancels a call that rings when its caller hangs up in a room with its id',
    'talk.apart-from-rooms',
    () =>
      startReferenceServer(
        {},
        {
          handlers: {
            ...defaultHandlers,
            hangup: async (message, client, services, frame) => {
              const { call, reason } = message
              if ('room' in message) {
                const event = { kind: 'cancel', by: client.peer, reason: 'normal' } as const
                const result = await services.calls.act(call, event)
                const told = result.kind === 'done' ? result.tellings : []
                for (const { to } of told)
                  await services.router.deliver(to, JSON.stringify({ type: 'cancel', call, reason }))
              }
              await defaultHandlers.hangup(message, client, services, frame)
            },
          },
        },
      ),
  ),
  misrung('tells a caller of ringing in one call at a time', 'ring.ringing', (inner) => {
    const told = new Map<string, string>()
    const goesOn = (call: string, by: string) => {
      const result = inner.act(call, { kind: 'ringing', by })
      return result.kind === 'refused' && result.code === 'call-state'
    }
    return {
      act: (call, event) =>
        retold(inner.act(call, event), (tellings) =>
          tellings.filter(({ type, to }) => {
            if (type !== 'ringing') return true
            const before = told.get(to)
            if (before !== undefined && goesOn(before, to)) return false
            told.set(to, call)
            return true
          }),
        ),
    }
  }),
  misrung(
    'lets a device ring on that has said ringing second when another one accepts',
    'ring.accept',
    sparing('answered-elsewhere'),
  ),
  misrung(
    'lets a device ring on that has said ringing second when another one declines',
    'ring.decline',
    sparing('declined-elsewhere'),
  ),
  tampered(
    'rings on when the connection of the caller is replaced',
    'ring.caller-lost',
    untold('cancel', (frame, _passage, bySession) =>
      frame['type'] === 'hello' ? bySession.get(textOf(frame, 'replaces')) : undefined,
    ),
  ),
  tampered(
    'says nothing of a party whose authentication has failed for the third time',
    'talk.lost',
    untold('call-ended', (frame, passage) => {
      if (frame['code'] === 'auth-failed') counted(passage, 'failures')
      return frame['type'] === 'auth' && passage.notes.get('failures') === 2 ? passage : undefined
    }),
  ),
  misrung('rings a device no more by its user when it has authenticated twice', 'ring.invited', (inner) => {
    const authenticated = new Set<string>()
    return {
      attach: ({ peer, user }) => {
        const isAgain = user !== undefined && authenticated.has(peer)
        if (user !== undefined) authenticated.add(peer)
        inner.attach(isAgain ? { peer } : { peer, ...(user === undefined ? {} : { user }) })
      },
    }
  }),
  misrung('ends a call with the time of one that its caller has cancelled', 'ring.timeout', (inner) => {
    const rings = new Map<string, number>()
    const cancelled = new Map<string, number>()
    return {
      invite: (invitation) => {
        const { id, caller, ringSeconds = 60 } = invitation
        const now = performance.now()
        rings.set(id, now + 1000 * ringSeconds)
        const left = ((cancelled.get(caller.peer) ?? 0) - now) / 1000
        return inner.invite(
          left > 0 ? { ...invitation, ringSeconds: Math.min(ringSeconds, left) } : invitation,
        )
      },
      act: (call, event) =>
        retold(inner.act(call, event), (tellings) => {
          if (event.kind === 'cancel') cancelled.set(event.by, rings.get(call) ?? 0)
          return tellings
        }),
    }
  }),
  tampered('says that an invite has lost before it says ok', 'ring.outcome-first', () => ({
    toServer: valid('invite', (frame, { notes }) => {
      notes.set(`invite ${textOf(frame, 'id')}`, true)
      return true
    }),
    toClient: holding(
      (frame, { notes }) => frame['type'] === 'ok' && notes.has(`invite ${textOf(frame, 'ref')}`),
      (_held, { type, reason }) => (type === 'reject' && reason === 'glare' ? 'swap' : 'keep'),
    ),
  })),
  misrung(
    'refuses the accept of an endpoint that calls somebody itself',
    'ring.accept',
    (inner) => {
      const begun = new Map<string, string>()
      return {
        invite: (invitation) => {
          begun.set(invitation.id, invitation.caller.peer)
          return inner.invite(invitation)
        },
        act: (call, event) => {
          const { kind, by } = event
          const calls = [...begun].some(
            ([other, caller]) => caller === by && inner.reach(other, by, by) === 'call-state',
          )
          return kind === 'accept' && calls ? { kind: 'refused', code: 'call-state' } : inner.act(call, event)
        },
      }
    },
    { consequences: { 'ring.states': 'its walk comes by it', 'ring.glare': 'both have called there' } },
  ),
  misrung(
    'rings everybody who is known as the user of the peer that is invited',
    'ring.only-endpoints',
    (inner) => {
      const users = new Map<string, string>()
      return {
        attach: (party) => {
          if (party.user !== undefined) users.set(party.peer, party.user)
          inner.attach(party)
        },
        invite: ({ callee, ...invitation }) => {
          const user = users.get(callee.peer ?? '')
          return inner.invite({ ...invitation, callee: user === undefined ? callee : { user } })
        },
      }
    },
    {
      consequences: Object.fromEntries(
        hearingOfAll.map((requirement) => [
          requirement,
          'the calls of other checks ring there, and end there',
        ]),
      ),
    },
  ),
  misrung('rings no device of a user that rings already', 'ring.invited', (inner) => {
    const rung = new Map<string, Set<string>>()
    return {
      invite: (invitation) =>
        retold(inner.invite(invitation), (tellings) => {
          const rings = ({ to }: { readonly to: string }) =>
            [...(rung.get(to) ?? [])].some((call) => inner.reach(call, to, to) === 'call-state')
          const invites = tellings.filter(isOf('invite'))
          const spared = invitation.callee.user === undefined ? [] : invites.filter(rings)
          const isNone = spared.length === invites.length
          for (const told of invites) {
            if (!isNone && spared.includes(told))
              inner.act(told.call, { kind: 'reject', by: told.to, reason: 'busy' })
            else rung.set(told.to, (rung.get(told.to) ?? new Set()).add(told.call))
          }
          return isNone ? tellings : tellings.filter((told) => !spared.includes(told))
        }),
    }
  }),
  altered(
    'cancels a call that rings when its caller leaves the room of the two',
    'talk.apart-from-rooms',
    () => {
      const begun = new Map<string, Map<string, string>>()
      return startReferenceServer(
        {},
        {
          handlers: {
            ...defaultHandlers,
            invite: (message, client, services, frame) => {
              const { call, callee } = message
              const own = begun.get(client.peer) ?? new Map<string, string>()
              begun.set(client.peer, own.set(call, callee.peer ?? ''))
              return defaultHandlers.invite(message, client, services, frame)
            },
            leave: async (message, client, services, frame) => {
              const { peer: by } = client
              for (const [call, to] of begun.get(by) ?? []) {
                if ((await services.directory.reach(message.room, by, to)) !== 'reachable') continue
                const result = await services.calls.act(call, { kind: 'cancel', by, reason: 'normal' })
                if (result.kind === 'done')
                  await services.router.deliver(
                    to,
                    JSON.stringify({ type: 'cancel', call, reason: 'normal' }),
                  )
              }
              await defaultHandlers.leave(message, client, services, frame)
            },
          },
        },
      )
    },
  ),
]
