import type { Telling } from '@parley/reference-server'
import { acting, misrung, renaming, retold, telling } from '../altered-calls.ts'
import type { Frame, Passage } from '../middleman.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { changed, textOf, valid, without } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'

const done = (tellings: readonly Telling[] = []) => ({ kind: 'done', tellings }) as const

const isOf = (type: Telling['type'], reason?: string) => (told: Telling) =>
  told.type === type && (reason === undefined || ('reason' in told && told.reason === reason))

/** Leaves out what is told. */
const silent = (type: Telling['type'], reason?: string) =>
  telling((tellings) => tellings.filter((told) => !isOf(type, reason)(told)))

/** Tells only the first endpoint. */
const firstOnly = (type: Telling['type'], reason?: string) =>
  telling((tellings) => {
    const is = isOf(type, reason)
    const first = tellings.find(is)
    return tellings.filter((told) => !is(told) || told === first)
  })

/** Faults of spec/calls.md, Ringing, in whom is told what. */
const ringingMutants: Mutants = [
  misrung('rings one device of a user', 'ring.invited', firstOnly('invite')),
  misrung('rings the device that invites its own user', 'ring.invited', (inner) => ({
    invite: (invitation) =>
      retold(inner.invite(invitation), (tellings) => {
        const told = tellings.find(isOf('invite'))
        const isOwn =
          invitation.callee.user !== undefined && invitation.callee.user === invitation.caller.user
        return told && isOwn ? [...tellings, { ...told, to: invitation.caller.peer }] : tellings
      }),
  })),
  tampered('tells everybody in the room that a call has been answered', 'ring.only-endpoints', () => {
    const passages = new Set<Passage>()
    const isParty = (passage: Passage, call: string) => passage.notes.has(`party of ${call}`)
    return {
      passages,
      toServer: (frame, passage) => {
        const call = textOf(frame, 'call')
        if (frame['type'] === 'join') passage.notes.set('room', frame['room'])
        if (frame['type'] === 'invite') passage.notes.set(`party of ${call}`, true)
        if (frame['type'] !== 'accept' || !isParty(passage, call)) return true
        const room = passage.notes.get('room')
        for (const other of passages)
          if (
            room !== undefined &&
            other.notes.get('room') === room &&
            other.notes.get('calls') === true &&
            !isParty(other, call)
          )
            other.toClient({ type: 'cancel', call, reason: 'answered-elsewhere' })
        return true
      },
      toClient: (frame, passage) => {
        if (frame['type'] === 'invite') passage.notes.set(`party of ${textOf(frame, 'call')}`, true)
        if (frame['type'] === 'welcome')
          passage.notes.set('calls', 'calls' in (frame['capabilities'] as Frame))
        return true
      },
    }
  }),
  misrung('rings every device of the user of a peer that is invited', 'ring.only-endpoints', (inner) => {
    const peers = new Map<string, string[]>()
    return {
      attach: (party) => {
        const { peer, user } = party
        if (user !== undefined) peers.set(user, [...(peers.get(user) ?? []), peer])
        inner.attach(party)
      },
      invite: (invitation) =>
        retold(inner.invite(invitation), (tellings) => {
          // Of the second user alone: the kit plays everything else as the first.
          const all = peers.get('bob') ?? []
          const [told] = tellings.filter(isOf('invite'))
          if (told === undefined || invitation.callee.user !== undefined || !all.includes(told.to))
            return tellings
          return [...tellings, ...all.filter((to) => to !== told.to).map((to) => ({ ...told, to }))]
        }),
    }
  }),
  tampered('believes what an invite says of its caller', 'ring.caller', () => {
    const said = new Map<string, unknown>()
    return {
      toServer: valid('invite', (frame) => {
        if ('caller' in frame) said.set(textOf(frame, 'call'), frame['caller'])
        return true
      }),
      toClient: changed('invite', (frame) => {
        const caller = said.get(textOf(frame, 'call'))
        return caller === undefined ? true : { ...frame, caller }
      }),
    }
  }),
  tampered('says nothing of the user who calls', 'ring.caller', () => ({
    toClient: changed('invite', (frame) => ({ ...frame, caller: without(frame['caller'] as Frame, 'user') })),
  })),
  tampered('takes data that is null for none', 'ring.carried', () => ({
    toClient: changed('invite', (frame) => (frame['data'] === null ? without(frame, 'data') : true)),
  })),
  tampered('gives every call a label', 'ring.carried', () => ({
    toClient: changed('invite', (frame) => ({ label: 'default', ...frame })),
  })),
  tampered('takes one byte of data more in an invite', 'ring.data', () => ({
    toServer: valid('invite', (frame) => {
      const { data } = frame
      const isOver = Buffer.byteLength(JSON.stringify(data ?? null)) === 2049
      return isOver && typeof data === 'string' ? { ...frame, data: data.slice(0, -1) } : true
    }),
  })),
  tampered('counts characters of data in an invite', 'ring.data', () => ({
    toServer: valid('invite', (frame) => {
      const { data } = frame
      const isLong = Buffer.byteLength(JSON.stringify(data ?? null)) > 2048
      return isLong && typeof data === 'string' && data.length < 2000 ? { ...frame, data: 1 } : true
    }),
  })),
  tampered(
    'says ok for an invite a little later',
    'ring.outcome-first',
    () => {
      const asked = new Set<string>()
      const key = (passage: Passage, id: unknown) => `${String(passage.number)} ${String(id)}`
      return {
        toServer: valid('invite', (frame, passage) => {
          asked.add(key(passage, frame['id']))
          return true
        }),
        toClient: changed('ok', (frame, passage) => {
          if (!asked.delete(key(passage, frame['ref']))) return true
          setTimeout(() => {
            passage.toClient(frame)
          }, 25)
          return false
        }),
      }
    },
    { consequences: { 'ring.glare': 'what loses on its arrival is accepted late, too' } },
  ),
  misrung('tells the caller of every ringing', 'ring.ringing', (inner) => {
    const callers = new Map<string, string>()
    return {
      act: (call, event) =>
        retold(inner.act(call, event), (tellings) => {
          if (event.kind !== 'ringing') return tellings
          for (const told of tellings) callers.set(call, told.to)
          return [{ to: callers.get(call) ?? '', call, type: 'ringing' }]
        }),
    }
  }),
  misrung('tells no caller that it rings', 'ring.ringing', silent('ringing')),
  tampered('names the endpoint that says ringing', 'ring.hidden', () => {
    const who = new Map<string, string>()
    return {
      toServer: valid('ringing', (frame, passage) => {
        who.set(textOf(frame, 'call'), passage.peer)
        return true
      }),
      toClient: changed('ringing', (frame) => ({
        ...frame,
        'com.example.at': who.get(textOf(frame, 'call')),
      })),
    }
  }),
  altered('lets nobody invite', 'ring.members', () => startReferenceServer({ mayInvite: () => false })),
]

/** Faults of spec/calls.md, Ringing, in how a call ends. */
const answeringMutants: Mutants = [
  misrung(
    'lets a second device accept, too',
    'ring.accept',
    acting('accept', (inner, call, event) => {
      const result = inner.act(call, event)
      return result.kind === 'refused' && result.code === 'call-ended' ? done() : result
    }),
    {
      consequences: {
        'ring.crossed': 'whatever comes late is taken',
        'ring.ended': 'whatever comes late is taken',
        'ring.decline': 'whatever comes late is taken',
        'ring.busy': 'whatever comes late is taken',
        'ring.caller-lost': 'whatever comes late is taken',
        'ring.timeout': 'whatever comes late is taken',
      },
    },
  ),
  misrung(
    'lets the other devices ring on when one has accepted',
    'ring.accept',
    silent('cancel', 'answered-elsewhere'),
  ),
  tampered('says nothing of the user who accepts', 'ring.accept', () => ({
    toClient: changed('accept', (frame) => ({ ...frame, callee: without(frame['callee'] as Frame, 'user') })),
  })),
  misrung(
    'lets the other devices ring on when one has declined',
    'ring.decline',
    acting('reject', (inner, call, event) =>
      retold(inner.act(call, { ...event, reason: 'busy' }), (tellings) =>
        tellings.map((told): Telling => (told.type === 'reject' ? { ...told, reason: event.reason } : told)),
      ),
    ),
  ),
  misrung(
    'says declined whatever the reason is',
    'ring.decline',
    telling((tellings) =>
      tellings.map((told): Telling =>
        told.type === 'reject' && told.reason.includes('.') ? { ...told, reason: 'declined' } : told,
      ),
    ),
  ),
  misrung(
    'ends the call for all when one device is busy',
    'ring.busy',
    acting('reject', (inner, call, event) =>
      event.reason !== 'busy'
        ? inner.act(call, event)
        : retold(inner.act(call, { ...event, reason: 'declined' }), (tellings) =>
            tellings.map((told): Telling => (told.type === 'reject' ? { ...told, reason: 'busy' } : told)),
          ),
    ),
  ),
  misrung('does not say that the last endpoint is busy', 'ring.busy', silent('reject', 'busy')),
  tampered('does not say that the last device of a user is busy', 'ring.busy', () => ({
    toServer: ({ type, call, callee }, { notes }) => {
      if (type === 'invite' && (callee as Frame | null | undefined)?.['user'] !== undefined)
        notes.set(`rings a user ${String(call)}`, true)
      return true
    },
    toClient: ({ type, call, reason }, { notes }) =>
      !(type === 'reject' && reason === 'busy' && notes.has(`rings a user ${String(call)}`)),
  })),
  misrung('rings on when the endpoint is lost', 'ring.endpoint-lost', silent('reject', 'lost')),
  misrung('ends the call for all when one device is lost', 'ring.endpoint-lost', (inner) => {
    const ringing = new Map<string, Set<string>>()
    return {
      invite: (invitation) =>
        retold(inner.invite(invitation), (tellings) => {
          for (const told of tellings.filter(isOf('invite')))
            ringing.set(told.to, (ringing.get(told.to) ?? new Set()).add(told.call))
          return tellings
        }),
      detach: (peer) => [
        ...[...(ringing.get(peer) ?? [])].flatMap((call) => {
          const result = inner.act(call, { kind: 'reject', by: peer, reason: 'com.example.lost' })
          if (result.kind === 'refused') return []
          return result.tellings.map((told): Telling =>
            told.type === 'reject' ? { ...told, reason: 'lost' } : told,
          )
        }),
        ...inner.detach(peer),
      ],
    }
  }),
  misrung(
    'says normal whatever the reason of a cancel is',
    'ring.cancel',
    telling((tellings) =>
      tellings.map((told): Telling =>
        told.type === 'cancel' && told.reason.includes('.') ? { ...told, reason: 'normal' } : told,
      ),
    ),
  ),
  misrung('cancels at one device', 'ring.cancel', firstOnly('cancel', 'com.example.door')),
  misrung('lets endpoints ring on when the caller is lost', 'ring.caller-lost', silent('cancel', 'lost')),
  misrung('never ends a call that rings', 'ring.timeout', (inner) => ({
    sweep: () => inner.sweep().slice(0, 0),
  })),
  misrung('ends a call that rings before its time', 'ring.timeout', (inner) => ({
    invite: (invitation) =>
      inner.invite(invitation.ringSeconds === undefined ? invitation : { ...invitation, ringSeconds: 0.5 }),
  })),
  misrung('says call-ended for a call that was hung up, when a party is lost later', 'ring.last', (inner) => {
    const taken = new Map<string, readonly [caller: string, callee: string]>()
    const hungUp = new Map<string, readonly [caller: string, callee: string]>()
    return {
      act: (call, event) => {
        const result = inner.act(call, event)
        if (result.kind === 'refused') return result
        const [told] = result.tellings
        const parties = taken.get(call)
        if (event.kind === 'accept' && told) taken.set(call, [told.to, event.by])
        if (event.kind === 'hangup' && parties) hungUp.set(call, parties)
        return result
      },
      detach: (peer) => [
        ...inner.detach(peer),
        ...[...hungUp].flatMap(([call, [caller, callee]]): Telling[] => {
          if (caller !== peer && callee !== peer) return []
          return [{ to: caller === peer ? callee : caller, call, type: 'call-ended', reason: 'lost' }]
        }),
      ],
    }
  }),
  misrung(
    'says call-state for an accept that comes after the cancel',
    'ring.crossed',
    acting('accept', (inner, call, event) => {
      const result = inner.act(call, event)
      return result.kind === 'refused' && result.code === 'call-ended'
        ? { ...result, code: 'call-state' }
        : result
    }),
    { consequences: { 'ring.ended': 'an accept is one of the messages that come after the end' } },
  ),
]

const inverse = (call: string) =>
  call.replaceAll(/[0-9a-f]/g, (digit) => (15 - Number.parseInt(digit, 16)).toString(16))

/** Faults of spec/calls.md, Two who call each other. */
const glareMutants: Mutants = [
  misrung('lets two calls that cross ring on', 'ring.glare', (inner) => ({
    invite: (invitation) =>
      retold(inner.invite({ ...invitation, label: invitation.id }), (tellings) =>
        tellings.map((told) => (told.type === 'invite' ? { ...told, label: invitation.label } : told)),
      ),
  })),
  misrung('lets the higher id of two that cross stay', 'ring.glare', (inner) =>
    renaming(inner, inverse, inverse),
  ),
  misrung('lets calls cross whatever their labels are', 'ring.glare', (inner) => ({
    invite: (invitation) =>
      retold(inner.invite({ ...invitation, label: undefined }), (tellings) =>
        tellings.map((told) => (told.type === 'invite' ? { ...told, label: invitation.label } : told)),
      ),
  })),
  misrung('tells one device that the call has given way', 'ring.glare', firstOnly('cancel', 'glare')),
]

/** Faults of spec/calls.md, Ringing. */
export const callMutants: Mutants = [...ringingMutants, ...answeringMutants, ...glareMutants]
