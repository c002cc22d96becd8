import { defaultHandlers, type Handler, type TokenEntry } from '@parley/reference-server'
import type { Frame, MiddlemanRules } from '../middleman.ts'
import { altered, tampered, type Mutant, type Mutants } from '../mutant.ts'
import { changed, isRelayed, isValid, refusal, valid, without } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { ann, bob } from './authentication-rule.ts'

/** What a server that judges grants in its own way lets a user do. */
type Judge = (right: 'join' | 'send', room: string, frame: Frame) => string | undefined

/** A server that lets everybody do everything, behind a man in the middle who judges the second user's grants in his own way. */
function judging(judge: Judge): () => MiddlemanRules {
  return () => ({
    toServer: (frame, passage) => {
      const right =
        frame['type'] === 'join'
          ? 'join'
          : isRelayed(frame) || frame['type'] === 'update'
            ? 'send'
            : undefined
      if (
        right === undefined ||
        !isValid(frame) ||
        passage.notes.get('user') !== bob.user ||
        typeof frame['room'] !== 'string'
      )
        return true
      const code = judge(right, frame['room'], frame)
      if (code === undefined) return true
      passage.toClient(refusal(frame, code))
      return false
    },
    toClient: (frame, passage) => {
      if (frame['type'] !== 'authenticated') return true
      passage.notes.set('user', frame['user'])
      return frame['user'] === bob.user ? { ...frame, grants: bob.grants } : true
    },
  })
}

const unlimited = { server: { tokens: [ann, without({ ...bob }, 'grants') as unknown as TokenEntry] } }

const joins = (room: string) => room.startsWith('parley-') || room.startsWith('listen-')
const sends = (room: string) => room.startsWith('parley-')
const right = (which: 'join' | 'send', room: string) =>
  (which === 'join' ? joins : sends)(room) ? undefined : 'forbidden'

/** A room that a grant names. */
const lounge = 'lounge'

/** Faults of grants. */
export const grantMutants: Mutants = [
  tampered(
    'says that nothing is granted, and lets the user do more',
    'auth.grants',
    () => ({
      toClient: (frame) =>
        frame['type'] === 'authenticated' && frame['grants'] !== undefined ? { ...frame, grants: [] } : true,
    }),
    {
      consequences: {
        'auth.failure-keeps': 'a room that no grant covers is open, after a failure too',
        'auth.user-mismatch': 'a room that no grant covers is open, after a mismatch too',
      },
    },
  ),
  tampered('says nothing of the grants of the second user', 'auth.grants', () => ({
    toClient: (frame) =>
      frame['type'] === 'authenticated' && frame['user'] === bob.user ? without(frame, 'grants') : true,
  })),
  tampered(
    'takes the name of a room in a grant for nothing',
    'auth.grants',
    () => ({
      toServer: valid('join', (frame, passage) => {
        if (frame['room'] !== lounge) return true
        passage.toClient(refusal(frame, 'forbidden'))
        return false
      }),
    }),
    {
      server: {
        tokens: [ann, { ...bob, grants: [...(bob.grants ?? []), { room: lounge, join: true, send: true }] }],
      },
    },
  ),
  tampered(
    'looks for the prefix anywhere in a room name',
    'auth.grants',
    judging((which, room, frame) =>
      frame['type'] === 'update'
        ? undefined
        : which === 'join'
          ? /parley-|listen-/.test(room)
            ? undefined
            : 'forbidden'
          : right(which, room),
    ),
    unlimited,
  ),
  tampered(
    'compares prefixes without case',
    'auth.grants',
    judging((which, room, frame) =>
      frame['type'] === 'update' ? undefined : right(which, room.toLowerCase()),
    ),
    unlimited,
  ),
  tampered(
    'leaves out the last character of a prefix',
    'auth.grants',
    judging((which, room, frame) =>
      frame['type'] === 'update'
        ? undefined
        : which === 'join'
          ? /^(parley|listen)/.test(room)
            ? undefined
            : 'forbidden'
          : right(which, room),
    ),
    { ...unlimited, consequences: { 'rooms.forbidden': 'a room that grants do not cover is open' } },
  ),
  tampered(
    'lets who may only join send candidates',
    'auth.grants',
    judging((which, room, frame) =>
      frame['type'] === 'update' || frame['type'] === 'candidate' ? undefined : right(which, room),
    ),
    {
      ...unlimited,
      consequences: { 'relay.forbidden': 'a relayed message that grants do not allow is delivered' },
    },
  ),
  tampered(
    'lets who may only join change no data',
    'auth.grants',
    judging((which, room) => right(which, room)),
    {
      ...unlimited,
      consequences: { 'rooms.update': 'an update is refused' },
    },
  ),
  tampered(
    'says not-in-room where grants do not allow to send',
    'auth.grants',
    judging((which, room, frame) =>
      frame['type'] === 'update'
        ? undefined
        : which === 'send' && !sends(room) && joins(room)
          ? 'not-in-room'
          : right(which, room),
    ),
    { ...unlimited, consequences: { 'relay.forbidden': 'the code is another' } },
  ),
  tampered(
    'refuses rooms with a slash although grants cover them',
    'auth.grants',
    judging((which, room, frame) =>
      frame['type'] === 'update' ? undefined : room.includes('/') ? 'forbidden' : right(which, room),
    ),
    unlimited,
  ),
  tampered(
    'says forbidden to who has no grants and may do everything',
    'auth.grants',
    () => ({
      toServer: valid('join', (frame, passage) => {
        if (/^(parley-|listen-)/.test(String(frame['room'])) || passage.notes.get('user') !== 'ann')
          return true
        passage.toClient(refusal(frame, 'forbidden'))
        return false
      }),
      toClient: (frame, passage) => {
        if (frame['type'] === 'authenticated') passage.notes.set('user', frame['user'])
        return true
      },
    }),
    {
      consequences: {
        'rooms.outsiders': 'its check uses other names',
        'relay.not-in-room': 'its check uses other names',
        'rooms.name': 'its check uses other names',
        'frames.exact-names': 'its check uses other names',
        'rooms.forbidden': 'its check uses other names',
        'frames.unknown-members': 'its check uses other names',
        'frames.whitespace': 'its check uses other names',
        'frames.nesting': 'its check uses other names',
      },
    },
  ),
]

/** A token that lasts for a short while. */
const brief = (expiresInMs: number) => ({ tokens: [ann, { ...bob, expiresInMs }] })

/** Says how long the second user's authentication lasts, whatever the server knows of it. */
function announces(expiresInMs: number): () => MiddlemanRules {
  return () => ({
    toClient: changed('authenticated', (frame) =>
      frame['user'] === bob.user ? { ...frame, expiresInMs } : true,
    ),
  })
}

/** How long after its last message a client counts as one that talks, in milliseconds: less than the other checks are silent before the end. */
const talkedMs = 300

/** Faults of the end of an authentication. */
export const expiryMutants: Mutants = [
  tampered('never ends an authentication', 'auth.expiry', announces(1500), {
    consequences: { 'auth.refresh': 'nothing ends', 'rooms.ended': 'nothing ends' },
  }),
  tampered('ends an authentication early', 'auth.expiry', announces(3000), {
    server: brief(1500),
    consequences: { 'auth.refresh': 'it ends early' },
  }),
  tampered(
    'says kicked at the end of an authentication',
    'auth.expiry',
    () => ({
      toClient: changed('error', (frame) =>
        frame['code'] === 'token-expired' ? { ...frame, code: 'kicked' } : true,
      ),
    }),
    {
      server: brief(1500),
      consequences: { 'auth.refresh': 'its check waits for the end', 'rooms.ended': 'the code is another' },
    },
  ),
  tampered(
    'ends an authentication without a word',
    'auth.expiry',
    () => ({
      toClient: changed('error', (frame) => frame['code'] !== 'token-expired'),
    }),
    { server: brief(1500), consequences: { 'auth.refresh': 'its check waits for the end' } },
  ),
  tampered(
    'says internal when the authentication of one that talks ends',
    'auth.expiry',
    () => ({
      toServer: changed('ping', (_frame, passage) => (passage.notes.set('talked', performance.now()), true)),
      toClient: changed('error', (frame, passage) => {
        const talks = performance.now() - Number(passage.notes.get('talked') ?? -Infinity) < talkedMs
        return frame['code'] === 'token-expired' && talks ? { ...frame, code: 'internal' } : true
      }),
    }),
    { server: brief(1500) },
  ),
  altered(
    'prolongs an authentication with every ping',
    'auth.expiry',
    () =>
      startReferenceServer(brief(1500), {
        handlers: {
          ...defaultHandlers,
          ping: (message, connection, services, frame) => {
            if (connection.user === bob.user)
              connection.authenticate({
                user: bob.user,
                ...(bob.grants ? { grants: bob.grants } : {}),
                expiresInMs: 5000,
              })
            return defaultHandlers.ping(message, connection, services, frame)
          },
        },
      }),
    { consequences: { 'rooms.ended': 'it ends late' } },
  ),
  altered('lets whoever rings somebody stay for ever', 'auth.expiry', () =>
    startReferenceServer(brief(1500), {
      handlers: {
        ...defaultHandlers,
        invite: (message, connection, services, frame) => {
          const { user, grants } = connection
          if (user === bob.user) connection.authenticate({ user, ...(grants ? { grants } : {}) })
          return defaultHandlers.invite(message, connection, services, frame)
        },
      },
    }),
  ),
]

/** Two tokens of one user, of which the second takes away the right to join some rooms. */
const lessAtRefresh: readonly TokenEntry[] = [
  { ...ann, grants: ['parley-', 'first-'].map((prefix) => ({ prefix, join: true, send: true })) },
  { ...ann, token: bob.token, grants: [{ prefix: 'parley-', join: true, send: true }] },
]

/** A server that does something of its own before it judges the join of a member whose grants do not cover the room any more. */
function rejoining(name: string, act: (...args: Parameters<Handler<'join'>>) => 'judge' | 'let-in'): Mutant {
  const join: Handler<'join'> = async (message, connection, services, frame) => {
    const { user, grants } = connection
    const { room } = message
    const isMember =
      (await services.directory.reach(room, connection.peer, connection.peer)) !== 'sender-absent'
    const isLost = isMember && grants?.every(({ prefix }) => prefix === undefined || !room.startsWith(prefix))
    if (!isLost || user === undefined || act(message, connection, services, frame) === 'judge')
      return defaultHandlers.join(message, connection, services, frame)
    connection.authenticate({ user })
    await defaultHandlers.join(message, connection, services, frame)
    connection.authenticate({ user, ...(grants ? { grants } : {}) })
  }
  return altered(name, 'auth.grants', () =>
    startReferenceServer({ tokens: lessAtRefresh }, { handlers: { ...defaultHandlers, join } }),
  )
}

/** Faults about a member whose right to join its room a refresh takes away. */
export const rejoinGrantMutants: Mutants = [
  rejoining('lets a member in again whose right to join a refresh has taken away', () => 'let-in'),
  rejoining('lets such a member in again where it brings data', ({ data }) =>
    data === undefined ? 'judge' : 'let-in',
  ),
  rejoining(
    'throws a member out without a word whose join it refuses',
    ({ room }, { peer }, { directory }) => {
      void directory.leave(room, peer)
      return 'judge'
    },
  ),
  rejoining(
    'takes the data of a join that it refuses to a member',
    (message, connection, services, frame) => {
      const { room, data } = message
      if (data !== undefined)
        void defaultHandlers.update({ type: 'update', room, data }, connection, services, frame)
      return 'judge'
    },
  ),
]
