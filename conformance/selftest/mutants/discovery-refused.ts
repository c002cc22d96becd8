import { defaultHandlers, type Sighting } from '@parley/reference-server'
import { decorator, type SyncDirectory } from '../altered-directory.ts'
import { presenceOver, unseen, type SyncPresence } from '../altered-presence.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { startReferenceServer } from '../running-server.ts'
import { textOf } from '../rule.ts'

/** Failures of a connection after which the server ends it. */
const mostFailures = 3

/** A server that keeps online whose connection it has ended for its failures. */
function keepsWhoFailed() {
  const failed = new Set<string>()
  return startReferenceServer(
    {},
    {
      handlers: {
        ...defaultHandlers,
        auth: (message, client, services, frame) => {
          if (client.authFailures === mostFailures - 1) failed.add(client.peer)
          const done = defaultHandlers.auth(message, client, services, frame)
          if (client.authFailures < mostFailures) failed.delete(client.peer)
          return done
        },
      },
      decoratePresence: (inner) =>
        presenceOver(inner, { detach: (peer) => (failed.has(peer) ? [] : inner.detach(peer)) }),
    },
  )
}

/** A server that tells no change to who is a member of a room. */
function sparesMembers() {
  const joined = new Map<string, Set<string>>()
  const isMember = (peer: string) => (joined.get(peer)?.size ?? 0) > 0
  const others = (sightings: readonly Sighting[]) => sightings.filter(({ to }) => !isMember(to))
  const counting = (inner: SyncDirectory) => ({
    join: (...[room, member]: Parameters<SyncDirectory['join']>) => {
      const result = inner.join(room, member)
      if ('self' in result) joined.set(member.peer, (joined.get(member.peer) ?? new Set()).add(room))
      return result
    },
    leave: (...[room, peer]: Parameters<SyncDirectory['leave']>) => {
      joined.get(peer)?.delete(room)
      return inner.leave(room, peer)
    },
  })
  return startReferenceServer(
    {},
    {
      decorateDirectory: decorator(counting),
      decoratePresence: (inner) => {
        const sync = inner as SyncPresence
        return presenceOver(inner, {
          attach: (...args) => others(sync.attach(...args)),
          detach: (peer) => others(sync.detach(peer)),
        })
      },
    },
  )
}

/** Faults of spec/discovery.md in what a refusal leaves behind, in how a connection ends, in who watches, and in what is asked for twice. */
export const refusedDiscoveryMutants: Mutants = [
  altered('keeps a user online whose connection has failed three times', 'watch.change', keepsWhoFailed),
  altered('tells a member of a room no change of whom it watches', 'watch.change', sparesMembers),
  unseen('counts up the revisions of whom a refused watch names', 'watch.limit', (inner) => {
    const watched = new Set<string>()
    return {
      watch: (peer, users) => {
        const result = inner.watch(peer, users)
        const known = users.filter(({ user }) => watched.has(`${peer} ${user}`))
        if (result.kind === 'too-many') inner.watch(peer, known)
        else for (const { user } of users) watched.add(`${peer} ${user}`)
        return result
      },
    }
  }),
  tampered('begins the revisions of all others anew when a watch is refused', 'watch.limit', () => ({
    toServer: (frame, { notes }) => {
      if (frame['type'] === 'watch') notes.set('named', frame['users'])
      return true
    },
    toClient: (frame, { notes }) => {
      const said = (notes.get('said') ?? new Map()) as Map<string, number>
      const bases = (notes.get('bases') ?? new Map()) as ReadonlyMap<string, number>
      const named = notes.get('named') as readonly string[]
      if (frame['of'] === 'watch' && frame['code'] === 'forbidden')
        notes.set('bases', new Map([...said].filter(([user]) => !named.includes(user))))
      if (frame['type'] !== 'presence') return true
      const revision = frame['revision'] as number
      notes.set('said', said.set(textOf(frame, 'user'), revision))
      return { ...frame, revision: revision - (bases.get(textOf(frame, 'user')) ?? 0) }
    },
  })),
  tampered('goes on to the next page where a cursor comes again', 'find.cursor', () => ({
    toServer: (frame, { notes }) => {
      if (frame['type'] !== 'find' || !('cursor' in frame)) return true
      notes.set(`sent ${textOf(frame, 'id')}`, `next ${textOf(frame, 'cursor')}`)
      return { ...frame, cursor: notes.get(`next ${textOf(frame, 'cursor')}`) ?? frame['cursor'] }
    },
    toClient: (frame, { notes }) => {
      const next = notes.get(`sent ${textOf(frame, 'ref')}`)
      if (frame['type'] === 'found' && typeof next === 'string' && 'cursor' in frame)
        notes.set(next, frame['cursor'])
      return true
    },
  })),
]
