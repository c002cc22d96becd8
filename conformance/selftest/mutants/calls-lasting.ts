import { randomBytes } from 'node:crypto'
import type { CallResult, Telling } from '@parley/reference-server'
import { isOf, misrung, renaming, retold, type SyncCalls } from '../altered-calls.ts'
import type { Frame, Passage } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { isRelayed, refusal, textOf } from '../rule.ts'

/** When a call was begun, and for how many milliseconds it was to ring. */
interface Timer {
  readonly caller: string
  readonly endpoints: readonly string[]
  readonly ms: number
  endsAt: number
}

type Invitation = Parameters<SyncCalls['invite']>[0]

/**
 * Keeps the time of each call, whatever becomes of it, and says whose is over.
 *
 * @param isOwn - Whether these timers take the place of those of the registry.
 */
export function timers(inner: SyncCalls, isOwn = false) {
  const running = new Map<string, Timer>()
  return {
    running,
    invite: (invitation: Invitation): CallResult =>
      retold(inner.invite(isOwn ? { ...invitation, ringSeconds: undefined } : invitation), (tellings) => {
        const endpoints = tellings.filter(isOf('invite')).map(({ to }) => to)
        const ms = 1000 * (invitation.ringSeconds ?? 60)
        const timer = { caller: invitation.caller.peer, endpoints, ms, endsAt: Date.now() + ms }
        running.set(invitation.id, timer)
        return tellings
      }),
    /** Those whose time is over now, each once. */
    over: (): readonly (readonly [call: string, timer: Timer])[] => {
      const over = [...running].filter(([, { endsAt }]) => endsAt <= Date.now())
      for (const [call] of over) running.delete(call)
      return over
    },
  }
}

/** Ends those whose time is over, where their time is not that of the registry. */
export function endOverdue(inner: SyncCalls, over: ReturnType<typeof timers>['over']): readonly Telling[] {
  return over().flatMap(([call, { caller }]): readonly Telling[] => {
    const result = inner.act(call, { kind: 'cancel', by: caller, reason: 'normal' })
    if (result.kind === 'refused') return []
    const told = result.tellings.map((each): Telling =>
      each.type === 'cancel' ? { ...each, reason: 'timeout' } : each,
    )
    return [{ to: caller, call, type: 'reject', reason: 'timeout' }, ...told]
  })
}

/** Gives a place of an endpoint to a call that nobody sees, for as long as a call rings. */
function leaking(leaks: (told: Telling) => boolean): (inner: SyncCalls) => Partial<SyncCalls> {
  return (inner) => {
    const phantoms = new Set<string>()
    const seen = (tellings: readonly Telling[]) => tellings.filter(({ call }) => !phantoms.has(call))
    const leak = (result: CallResult) =>
      retold(result, (tellings) => {
        for (const { to: peer } of tellings.filter(leaks)) {
          const [id = '', ghost = ''] = Array.from({ length: 2 }, () => randomBytes(16).toString('hex'))
          phantoms.add(id)
          inner.invite({
            id,
            caller: { peer: ghost },
            callee: { peer },
            label: ghost,
            data: undefined,
            ringSeconds: undefined,
            permitted: true,
          })
        }
        return tellings
      })
    return {
      invite: (invitation) => leak(inner.invite(invitation)),
      act: (call, event) => leak(inner.act(call, event)),
      detach: (peer) => seen(inner.detach(peer)),
      sweep: () => seen(inner.sweep()),
    }
  }
}

const toFirstHalf = (call: string) => call.slice(0, 16)

/** Faults in what is left of a call when it is taken or over: timers, places, and what those are told who are out. */
export const lastingCallMutants: Mutants = [
  misrung(
    'ends a call that was taken when the time is over for which it was to ring',
    'ring.timeout',
    (inner) => {
      const { invite, over } = timers(inner)
      return {
        invite,
        sweep: () => [
          ...inner.sweep(),
          ...over().flatMap(([call, { caller }]) => {
            const result = inner.act(call, { kind: 'hangup', by: caller })
            return result.kind === 'refused'
              ? []
              : [{ to: caller, call, type: 'call-ended', reason: 'lost' } as const]
          }),
        ],
      }
    },
  ),
  misrung('begins the time of a call anew when an endpoint says ringing', 'ring.timeout', (inner) => {
    const { invite, running, over } = timers(inner, true)
    return {
      invite,
      act: (call, event) => {
        const timer = running.get(call)
        if (timer && event.kind === 'ringing') timer.endsAt = Date.now() + timer.ms
        return inner.act(call, event)
      },
      sweep: () => [...inner.sweep(), ...endOverdue(inner, over)],
    }
  }),
  misrung('rings for ten seconds at least', 'ring.timeout', (inner) => ({
    invite: ({ ringSeconds = 60, ...invitation }) =>
      inner.invite({ ...invitation, ringSeconds: Math.max(10, ringSeconds) }),
  })),
  misrung('tells the caller of a call that was cancelled when its time is over', 'ring.last', (inner) => {
    const { invite, over } = timers(inner)
    const cancelled = new Set<string>()
    return {
      invite,
      act: (call, event) => {
        const result = inner.act(call, event)
        if (event.kind === 'cancel' && result.kind === 'done') cancelled.add(call)
        return result
      },
      sweep: () => [
        ...inner.sweep(),
        ...over().flatMap(([call, { caller }]): Telling[] =>
          cancelled.has(call) ? [{ to: caller, call, type: 'reject', reason: 'timeout' }] : [],
        ),
      ],
    }
  }),
  misrung('tells a device that was busy that the call was answered elsewhere', 'ring.last', (inner) => {
    const busy = new Map<string, string>()
    return {
      act: (call, event) => {
        const result = inner.act(call, event)
        if (event.kind === 'reject' && event.reason === 'busy') busy.set(call, event.by)
        const to = busy.get(call)
        if (event.kind !== 'accept' || to === undefined || to === event.by) return result
        return retold(result, (tellings) => [
          ...tellings,
          { to, call, type: 'cancel', reason: 'answered-elsewhere' },
        ])
      },
    }
  }),
  misrung('counts a device twice that is busy twice', 'ring.last', (inner) => {
    const busy = new Map<string, string>()
    const others = new Map<string, readonly Telling[]>()
    return {
      invite: (invitation) =>
        retold(inner.invite(invitation), (tellings) => {
          others.set(invitation.id, tellings.filter(isOf('invite')))
          return tellings
        }),
      act: (call, event) => {
        const isBusy = event.kind === 'reject' && event.reason === 'busy'
        const other = others.get(call)?.find(({ to }) => to !== event.by)
        if (isBusy && busy.get(call) === event.by && other) return inner.act(call, { ...event, by: other.to })
        if (isBusy) busy.set(call, event.by)
        return inner.act(call, event)
      },
    }
  }),
  misrung(
    'says busy when the last device is lost, and another was busy before',
    'ring.endpoint-lost',
    (inner) => {
      const busy = new Set<string>()
      return {
        act: (call, event) => {
          if (event.kind === 'reject' && event.reason === 'busy') busy.add(call)
          return inner.act(call, event)
        },
        detach: (peer) =>
          inner
            .detach(peer)
            .map((told): Telling =>
              told.type === 'reject' && busy.has(told.call) ? { ...told, reason: 'busy' } : told,
            ),
      }
    },
  ),
  misrung('says again that it rings when the device is out that has said it', 'ring.ringing', (inner) => {
    const first = new Map<string, Telling & { readonly by: string }>()
    const out = new Set<string>()
    return {
      act: (call, event) =>
        retold(inner.act(call, event), (tellings) => {
          const told = tellings.find(isOf('ringing'))
          if (told) first.set(call, { ...told, by: event.by })
          const before = first.get(call)
          if (before && event.kind === 'reject' && event.by === before.by) out.add(call)
          if (event.kind !== 'ringing' || !before || !out.has(call)) return tellings
          return [{ to: before.to, call, type: 'ringing' }]
        }),
    }
  }),
  misrung(
    'gives a place back only to a device that has answered',
    'ring.calls-per-peer',
    leaking(isOf('cancel', 'answered-elsewhere')),
  ),
  misrung(
    'gives no place back to a caller whose call was declined',
    'ring.calls-per-peer',
    leaking(isOf('reject', 'declined')),
  ),
  misrung('says forbidden where every device of a user has its calls', 'ring.calls-per-peer', (inner) => ({
    invite: (invitation) => {
      const result = inner.invite(invitation)
      const { callee, caller } = invitation
      const devices = inner.endpointsOf(callee).filter((peer) => peer !== caller.peer)
      const isFull = callee.user !== undefined && invitation.permitted && devices.length > 0
      return isFull && result.kind === 'refused' && result.code === 'user-unavailable'
        ? { kind: 'refused', code: 'forbidden' }
        : result
    },
  })),
  misrung('rings a device that has all calls that it may have', 'ring.invited', (inner) => ({
    invite: (invitation) =>
      retold(inner.invite(invitation), (tellings) => {
        const invites = tellings.filter(isOf('invite'))
        const rung = new Set([invitation.caller.peer, ...invites.map(({ to }) => to)])
        const missed = inner.endpointsOf(invitation.callee).filter((peer) => !rung.has(peer))
        return [...tellings, ...invites.slice(0, 1).flatMap((told) => missed.map((to) => ({ ...told, to })))]
      }),
  })),
  misrung('lets nobody invite the own user', 'ring.members', (inner) => ({
    invite: (invitation) =>
      invitation.callee.user !== undefined && invitation.callee.user === invitation.caller.user
        ? { kind: 'refused', code: 'user-unavailable' }
        : inner.invite(invitation),
  })),
  misrung('compares half of the ids of calls that cross', 'ring.glare', (inner) => {
    const outside = new Map<string, string>()
    const inside = new Map<string, string>()
    let drawn = 0
    return renaming(
      inner,
      (call) => {
        const known = inside.get(call)
        if (known !== undefined) return known
        drawn += 1
        // Of two whose first halves are the same the earlier one stays.
        const name = `${toFirstHalf(call)}${drawn.toString(16).padStart(16, '0')}`
        inside.set(call, name)
        outside.set(name, call)
        return name
      },
      (name) => outside.get(name) ?? name,
    )
  }),
  misrung('lets a call that was taken cross those of its callee', 'ring.glare', (inner) => {
    const taken = new Map<string, string>()
    return {
      invite: (invitation) => {
        const { caller, callee, id } = invitation
        const crossed = [...taken].some(
          ([call, parties]) => parties === `${caller.peer} ${callee.peer ?? ''}` && call < id,
        )
        const result = inner.invite(invitation)
        if (!crossed || result.kind === 'refused') return result
        inner.act(id, { kind: 'cancel', by: caller.peer, reason: 'normal' })
        return { kind: 'done', tellings: [{ to: caller.peer, call: id, type: 'reject', reason: 'glare' }] }
      },
      act: (call, event) => {
        const result = inner.act(call, event)
        const [told] = result.kind === 'done' ? result.tellings : []
        if (event.kind === 'accept' && told) taken.set(call, `${event.by} ${told.to}`)
        if (event.kind === 'hangup') taken.delete(call)
        return result
      },
    }
  }),
  misrung('rings the other devices for a call that loses on its arrival', 'ring.glare', (inner) => ({
    invite: (invitation) =>
      retold(inner.invite(invitation), (tellings) => {
        const { caller, callee, id, label, data } = invitation
        if (callee.user === undefined || !tellings.some(isOf('reject', 'glare'))) return tellings
        const rung = inner
          .endpointsOf(callee)
          .map((to): Telling => ({ to, call: id, type: 'invite', caller, label, data }))
        return [...rung.slice(0, 1), ...tellings]
      }),
  })),
  misrung('ends every call of the two when one is hung up', 'talk.hangup', (inner) => {
    const taken = new Map<string, readonly string[]>()
    return {
      act: (call, event) => {
        const parties = taken.get(call)
        if (event.kind === 'hangup' && parties)
          for (const [other, their] of taken)
            if (other !== call && their.every((peer) => parties.includes(peer))) inner.act(other, event)
        const result = inner.act(call, event)
        const [told] = result.kind === 'done' ? result.tellings : []
        if (event.kind === 'accept' && told) taken.set(call, [told.to, event.by])
        return result
      },
    }
  }),
  tampered('says nothing of a party that is lost in no room', 'talk.lost', () => {
    const parties = new Map<string, Set<Passage>>()
    const roomless = new Set<Passage>()
    const rooms = (passage: Passage) => (passage.notes.get('rooms') as number | undefined) ?? 0
    const takesPart = (frame: Frame, passage: Passage) => {
      const call = textOf(frame, 'call')
      parties.set(call, (parties.get(call) ?? new Set()).add(passage))
    }
    return {
      toServer: (frame, passage) => {
        if (frame['type'] === 'invite') takesPart(frame, passage)
        return true
      },
      toClient: (frame, passage) => {
        if (frame['type'] === 'invite') takesPart(frame, passage)
        if (frame['type'] === 'joined') passage.notes.set('rooms', rooms(passage) + 1)
        if (frame['type'] === 'left') passage.notes.set('rooms', rooms(passage) - 1)
        const gone = [...(parties.get(textOf(frame, 'call')) ?? [])].some((party) => roomless.has(party))
        return !(frame['type'] === 'call-ended' && gone)
      },
      onClientEnd: (passage) => {
        if (rooms(passage) === 0) roomless.add(passage)
        return true
      },
    }
  }),
  tampered('ends a call with a hangup to somebody else, which it refuses', 'talk.peer-not-found', () => {
    const dead = new Set<string>()
    return {
      toServer: (frame, passage) => {
        if ('room' in frame || !isRelayed(frame) || !dead.has(textOf(frame, 'call'))) return true
        passage.toClient(refusal(frame, 'call-ended'))
        return false
      },
      toClient: (frame) => {
        const isHangup = frame['of'] === 'hangup' && frame['room'] === undefined
        if (isHangup && frame['code'] === 'peer-not-found') dead.add(textOf(frame, 'call'))
        return true
      },
    }
  }),
]
