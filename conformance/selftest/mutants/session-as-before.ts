import type { CallRegistry, Resumable, Router } from '@parley/reference-server'
import type { ServerRequirementId } from '@parley/conformance'
import { decorator, Occupancy, type SyncDirectory } from '../altered-directory.ts'
import { callsOver, retold, type CallOverrides, type SyncCalls } from '../altered-calls.ts'
import { presenceOver, whenWatching, type PresenceOverrides, type SyncPresence } from '../altered-presence.ts'
import type { Frame } from '../middleman.ts'
import { altered, tampered, type Mutant, type MutantOptions, type Mutants } from '../mutant.ts'
import { startReferenceServer } from '../running-server.ts'
import { treating } from './session-afterwards.ts'
import { keeper } from './session-rule.ts'

/** Which peers each user has that are attached to a registry of who is online. */
function following(inner: SyncPresence) {
  const peers = new Map<string, Set<string>>()
  const drop = (peer: string) => {
    for (const own of peers.values()) own.delete(peer)
  }
  const overrides: ReturnType<PresenceOverrides> = {
    attach: (peer, user) => {
      drop(peer)
      if (user !== undefined) peers.set(user, (peers.get(user) ?? new Set()).add(peer))
      return inner.attach(peer, user)
    },
    detach: (peer) => {
      drop(peer)
      return inner.detach(peer)
    },
  }
  /** Whether all of a user’s peers are among these. */
  const isOnly = (user: string, some: ReadonlySet<string>) =>
    [...(peers.get(user) ?? [])].every((peer) => some.has(peer))
  return { overrides, isOnly }
}

/** A fault in whom a search finds, by which of its peers a user is online. */
function missing(name: string, which: 'resumed' | 'waiting'): Mutant {
  return treating(
    name,
    'find.complete',
    (peers) => ({
      decoratePresence: (inner) => {
        const { overrides, isOnly } = following(inner as SyncPresence)
        return presenceOver(inner, {
          ...overrides,
          onlineUsers: (wanted) =>
            (inner as SyncPresence).onlineUsers(wanted).filter((user) => !isOnly(user, peers[which])),
        })
      },
    }),
    { only: 'find.complete,find.complete:session' },
  )
}

/** A fault in the calls of those who have resumed. */
function calling(
  name: string,
  breaks: ServerRequirementId,
  overrides: (resumed: ReadonlySet<string>) => CallOverrides,
  options: MutantOptions,
): Mutant {
  return treating(
    name,
    breaks,
    ({ resumed }) => ({
      decorateCalls: (inner: CallRegistry) => callsOver(inner, overrides(resumed)(inner as SyncCalls)),
    }),
    options,
  )
}

/** Tells who calls of its own call, as if it was to ring. */
const ringingTheCaller =
  (callee: 'peer' | 'user') =>
  (resumed: ReadonlySet<string>): CallOverrides =>
  (inner) => ({
    invite: (invitation) => {
      const { id, caller, label, data } = invitation
      const itself = { to: caller.peer, call: id, type: 'invite', caller, label, data } as const
      const result = inner.invite(invitation)
      const named = invitation.callee[callee]
      if (named === undefined || named !== caller[callee] || !resumed.has(caller.peer)) return result
      return callee === 'peer'
        ? { kind: 'done', tellings: [itself] }
        : retold(result, (tellings) => [...tellings, itself])
    },
  })

/** Replaces in messages to the server the peer id of the connection on which a session was resumed by that of the session. */
function takingForItself(change: (frame: Frame, itself: (peer: unknown) => unknown) => Frame | true) {
  return () => {
    const sessions = new Map<unknown, unknown>()
    return {
      toClient: (frame: Frame, { peer }: { readonly peer: string }) => {
        if (frame['type'] === 'resumed') sessions.set(peer, frame['peer'])
        return true as const
      },
      toServer: (frame: Frame) => change(frame, (peer) => sessions.get(peer) ?? peer),
    }
  }
}

/** Replaces in messages of the server the peer id of a session by that of the connection on which it was resumed. */
function namingTheConnection(change: (frame: Frame, named: (peer: unknown) => unknown) => Frame | true) {
  return () => {
    const temporary = new Map<unknown, string>()
    return {
      toClient: (frame: Frame, { peer: own }: { readonly peer: string }) => {
        if (frame['type'] === 'resumed') temporary.set(frame['peer'], own)
        return change(frame, (peer) => temporary.get(peer) ?? peer)
      },
    }
  }
}

/** Tells a caller that comes back once more that its calls ring. */
function startRingingAnew(): ReturnType<typeof startReferenceServer> {
  let router: Router | undefined
  const alerted = new Map<string, string>()
  const peerOf = (session: Resumable) => (session as Resumable & { readonly peer: string }).peer
  return startReferenceServer(
    {},
    {
      decorateRouter: (inner) => (router = inner),
      decorateCalls: (inner: CallRegistry) =>
        callsOver(inner, {
          act: (call, event) => {
            const result = (inner as SyncCalls).act(call, event)
            if (event.kind !== 'ringing') alerted.delete(call)
            return retold(result, (tellings) => {
              for (const { type, to } of tellings) if (type === 'ringing') alerted.set(call, to)
              return tellings
            })
          },
        }),
      decorateSessions: keeper((sessions) => ({
        connected: (session) => {
          sessions.connected(session)
          const own = [...alerted].filter(([, caller]) => caller === peerOf(session))
          setImmediate(() => {
            for (const [call] of own)
              void router?.deliver(peerOf(session), JSON.stringify({ type: 'ringing', call }))
          })
        },
      })),
    },
  )
}

/** Takes the first `ringing` of an endpoint that has resumed for the first of the call. */
const alertingAnew =
  (resumed: ReadonlySet<string>): CallOverrides =>
  (inner) => {
    const callers = new Map<string, string>()
    return {
      invite: (invitation) => {
        callers.set(invitation.id, invitation.caller.peer)
        return inner.invite(invitation)
      },
      act: (call, event) => {
        const to = callers.get(call)
        const isAnew = event.kind === 'ringing' && resumed.has(event.by) && to !== undefined
        return retold(inner.act(call, event), (tellings) =>
          isAnew && tellings.length === 0 ? [{ to, call, type: 'ringing' }] : tellings,
        )
      },
    }
  }

const goesOn: ServerRequirementId = 'resume.goes-on'
const ofParty = { only: `${goesOn},${goesOn}:party,${goesOn}:caller` } as const
const ofSecret = { only: 'resume.secret,resume.secret:calls' } as const
const ofUnwatch = { only: 'watch.unwatch,watch.unwatch:resumed,watch.unwatch:away' } as const

/** Faults where what was right before a resume is wrong after it. */
export const sessionAsBeforeMutants: Mutants = [
  missing('finds no user whose only session was resumed', 'resumed'),
  missing('finds no user whose only session waits', 'waiting'),
  treating(
    'says offline of a user whose only session was resumed to who begins to watch it',
    'watch.online',
    ({ resumed }) => ({
      decoratePresence: (inner) => {
        const { overrides, isOnly } = following(inner as SyncPresence)
        const watch = whenWatching(inner as SyncPresence, (sightings) =>
          sightings.map((said) =>
            said.revision === 1 && isOnly(said.user, resumed) ? { ...said, online: false } : said,
          ),
        )
        return presenceOver(inner, { ...overrides, watch })
      },
    }),
    { only: 'watch.online,watch.online:waiting' },
  ),
  treating(
    'counts no member whose session was resumed',
    'find.members',
    ({ resumed }) => ({
      decorateDirectory: decorator((inner: SyncDirectory) => {
        const occupancy = new Occupancy()
        return {
          ...occupancy.follow(inner),
          listRooms: (wanted) =>
            inner.listRooms(wanted).map(({ room, members }) => {
              const uncounted = [...occupancy.of(room)].filter((peer) => resumed.has(peer)).length
              return { room, members: Math.max(1, members - uncounted) }
            }),
        }
      }),
    }),
    { only: 'find.members,find.members:waiting' },
  ),
  treating(
    'passes over an unwatch of what was watched before a resume',
    'watch.unwatch',
    ({ resumed }) => ({
      decoratePresence: (inner) => {
        const since = new Set<string>()
        return presenceOver(inner, {
          watch: (peer, users) => {
            if (resumed.has(peer)) for (const { user } of users) since.add(`${peer} ${user}`)
            return inner.watch(peer, users)
          },
          unwatch: (peer, users) =>
            inner.unwatch(
              peer,
              users.filter((user) => !resumed.has(peer) || since.has(`${peer} ${user}`)),
            ),
        })
      },
    }),
    ofUnwatch,
  ),
  treating(
    'counts on where who has resumed watches an online user again',
    'watch.unwatch',
    ({ resumed }) => ({
      decoratePresence: (inner) => {
        const former = new Set<string>()
        return presenceOver(inner, {
          unwatch: (peer, users) => {
            if (resumed.has(peer)) for (const user of users) former.add(`${peer} ${user}`)
            return inner.unwatch(peer, users)
          },
          watch: whenWatching(inner as SyncPresence, (sightings) =>
            sightings.map((said) =>
              said.online && former.has(`${said.to} ${said.user}`)
                ? { ...said, revision: said.revision + 1 }
                : said,
            ),
          ),
        })
      },
    }),
    ofUnwatch,
  ),
  treating(
    'tells who has resumed of users that it watches no more',
    'watch.unwatch',
    ({ resumed }) => ({
      decoratePresence: (inner) => {
        const registry = inner as SyncPresence
        const former = new Map<string, readonly string[]>()
        return presenceOver(inner, {
          unwatch: (peer, users) => {
            registry.unwatch(peer, users)
            if (resumed.has(peer)) former.set(peer, users)
          },
          detach: (peer) => {
            const sightings = registry.detach(peer)
            const gone = sightings.find(({ online }) => !online)?.user
            const told = [...former].filter(([, users]) => gone !== undefined && users.includes(gone))
            return [
              ...sightings,
              ...told.map(([to]) => ({ to, user: gone ?? '', online: false, revision: 5 })),
            ]
          },
        })
      },
    }),
    ofUnwatch,
  ),
  tampered(
    'names who has resumed by the peer id of its new connection as callee',
    goesOn,
    namingTheConnection((frame, named) => {
      const callee = frame['callee'] as Frame | undefined
      return frame['type'] === 'accept' && callee
        ? { ...frame, callee: { ...callee, peer: named(callee['peer']) } }
        : true
    }),
    ofParty,
  ),
  tampered(
    'names who has resumed by the peer id of its new connection as from in a call',
    goesOn,
    namingTheConnection((frame, named) =>
      'from' in frame && !('room' in frame) ? { ...frame, from: named(frame['from']) } : true,
    ),
    ofParty,
  ),
  tampered(
    'rings a session by the peer id of the connection that has resumed it',
    'resume.secret',
    takingForItself((frame, itself) => {
      const callee = frame['callee'] as Frame | undefined
      return frame['type'] === 'invite' && callee !== undefined && 'peer' in callee
        ? { ...frame, callee: { peer: itself(callee['peer']) } }
        : true
    }),
    ofSecret,
  ),
  tampered(
    'delivers in a call to the peer id of the connection that has resumed the session of a party',
    'resume.secret',
    takingForItself((frame, itself) =>
      frame['type'] === 'hangup' && !('room' in frame) ? { ...frame, to: itself(frame['to']) } : true,
    ),
    ofSecret,
  ),
  calling('rings who has resumed where it invites itself', 'ring.unavailable', ringingTheCaller('peer'), {
    only: 'ring.unavailable,ring.unavailable:resumed',
  }),
  calling('rings who has resumed where it invites its own user', 'ring.invited', ringingTheCaller('user'), {
    only: 'ring.invited,ring.invited:oneself,ring.invited:resumed',
  }),
  calling(
    'rings no device that has resumed with the others of its user',
    'ring.invited',
    (resumed) => (inner) => ({
      invite: (invitation) =>
        retold(inner.invite(invitation), (tellings) =>
          invitation.callee.user === undefined ? tellings : tellings.filter(({ to }) => !resumed.has(to)),
        ),
    }),
    { only: 'ring.invited,ring.invited:devices,ring.invited:resumed' },
  ),
  calling(
    'rings a device twice that has resumed',
    'ring.invited',
    (resumed) => (inner) => ({
      invite: (invitation) =>
        retold(inner.invite(invitation), (tellings) =>
          invitation.callee.user === undefined
            ? tellings
            : tellings.flatMap((each) => (resumed.has(each.to) ? [each, each] : [each])),
        ),
    }),
    { only: 'ring.invited,ring.invited:devices,ring.invited:resumed' },
  ),
  altered('says once more that a call rings when its caller resumes', 'ring.ringing', startRingingAnew, {
    only: 'ring.ringing,ring.ringing:devices,ring.ringing:resumed',
  }),
  calling('says that a call rings for an endpoint that has resumed, too', 'ring.ringing', alertingAnew, {
    only: 'ring.ringing,ring.ringing:devices,ring.ringing:resumed',
  }),
]
