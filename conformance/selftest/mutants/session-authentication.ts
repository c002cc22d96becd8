import type { Resumable, SessionKeeper, TokenEntry } from '@parley/reference-server'
import { tampered, type Mutants } from '../mutant.ts'
import { textOf } from '../rule.ts'
import { ann, bob } from './authentication-rule.ts'
import { along, keeping, note } from './session-rule.ts'

/** Two tokens of one user: the second lets it send in fewer rooms, and join fewer. */
const twoOfAnn: readonly TokenEntry[] = [
  {
    ...ann,
    grants: ['parley-', 'listen-', 'first-'].map((prefix) => ({ prefix, join: true, send: true })),
  },
  { ...bob, user: ann.user },
]

/** Two tokens of one user, of which the second ends soon. */
const oneEnds: readonly TokenEntry[] = [ann, { ...ann, token: bob.token, expiresInMs: 2000 }]

/** Has something done with a session that is about to go on, before or after the server takes over what the later connection has. */
function goingOn(change: (owner: Resumable) => void): (sessions: SessionKeeper) => Partial<SessionKeeper> {
  return (sessions) => ({
    find: (secret, client, ack) => {
      const owner = sessions.find(secret, client, ack)
      if (owner !== undefined) change(owner)
      return owner
    },
  })
}

/** Lets a session have these grants, whatever the server sets. */
function fixGrants(owner: Resumable, grants: unknown): void {
  Object.defineProperty(owner, 'grants', { get: () => grants, set: () => undefined, configurable: true })
}

/** Lets a session end then, whatever the server has set when it went on. */
function fixEnd(owner: Resumable, expiresInMs: number): void {
  queueMicrotask(() => {
    const { user, grants } = owner as Resumable & { readonly grants: TokenEntry['grants'] }
    const connection = owner as Resumable & { authenticate(authentication: object): void }
    connection.authenticate({ user, grants, expiresInMs })
  })
}

/** Faults in whose session it is, and for how long. */
export const sessionAuthenticationMutants: Mutants = [
  keeping(
    'keeps the grants from before a resume',
    'resume.authentication',
    goingOn((owner) => {
      fixGrants(owner, (owner as Resumable & { readonly grants: unknown }).grants)
    }),
    { server: { tokens: twoOfAnn } },
  ),
  keeping(
    'gives a session that was resumed every right',
    'resume.authentication',
    goingOn((owner) => {
      fixGrants(owner, undefined)
    }),
    { server: { tokens: twoOfAnn } },
  ),
  keeping(
    'keeps the end from before a resume',
    'resume.authentication',
    goingOn((owner) => {
      fixEnd(owner, owner.expiresAt - Date.now())
    }),
    {
      server: { tokens: oneEnds },
    },
  ),
  keeping(
    'lets a session that was resumed last for ever',
    'resume.authentication',
    goingOn((owner) => {
      fixEnd(owner, Infinity)
    }),
    { server: { tokens: oneEnds } },
  ),
  keeping(
    'lets a session wait past the end of its authentication',
    'resume.expiry',
    (sessions) => ({
      wait: (peer) => {
        Object.defineProperty(peer, 'expiresAt', { value: Infinity, configurable: true })
        sessions.wait(peer)
      },
    }),
    { server: { tokens: oneEnds } },
  ),
  keeping(
    'says lost where the authentication of a session ends',
    'resume.expiry',
    (sessions) => ({
      wait: (peer) => {
        const giveUp = peer.giveUp.bind(peer)
        Object.defineProperty(peer, 'giveUp', {
          configurable: true,
          value: () => {
            giveUp('lost')
          },
        })
        sessions.wait(peer)
      },
    }),
    { server: { tokens: oneEnds } },
  ),
  tampered(
    'resumes for who has not authenticated',
    'resume.failed',
    () => {
      const tokens = new Map<unknown, unknown>()
      return {
        toClient: (frame, passage) => {
          note(frame, passage)
          if (frame['type'] !== 'authenticated') return true
          tokens.set(passage.notes.get('session'), passage.notes.get('token'))
          return !passage.notes.has('lent')
        },
        toServer: (frame, passage) => {
          if (frame['type'] === 'auth') passage.notes.set('token', textOf(frame, 'token'))
          if (frame['type'] !== 'resume' || passage.notes.has('token')) return true
          passage.notes.set('lent', true)
          const token = tokens.get(frame['session'])
          if (token !== undefined) passage.toServer({ type: 'auth', method: 'token', token })
          return true
        },
      }
    },
    { only: 'resume.failed:anonymous' },
  ),
  ...(['replaced', 'auth-failed', 'token-expired'] as const).map((code) =>
    tampered(
      `resumes a session that ${code} has ended`,
      'resume.fatal',
      () => {
        const over = new Map<unknown, string>()
        return {
          toClient: (frame, passage) => {
            note(frame, passage)
            if (frame['code'] === code && frame['fatal'] === true)
              over.set(passage.notes.get('session'), passage.peer)
            const peer = over.get(passage.notes.get('of'))
            if (frame['code'] !== 'resume-failed' || peer === undefined) return true
            return { type: 'resumed', ref: frame['ref'], peer, ack: 0 }
          },
          toServer: (frame, passage) => {
            if (frame['type'] === 'resume') passage.notes.set('of', frame['session'])
            return true
          },
        }
      },
      {
        ...(code === 'token-expired' ? { server: { tokens: oneEnds } } : {}),
        ...along('resume.takes-over'),
      },
    ),
  ),
]
