import type { ServerOptions, TokenEntry } from '@parley/reference-server'
import { selfTestTokens } from '../self-test-token.ts'

/** A way in which the server is set up, and how the kit looks at it. */
export interface Situation {
  readonly name: string
  /** Options of the server. */
  readonly options: ServerOptions
  /** How long credentials for TURN are good, in seconds: there is a TURN server beside the server. */
  readonly turnSeconds?: number
  /** Whether the ports answer in a later turn of the event loop, as they would over a network. */
  readonly portsAnswerLater?: boolean
  /** Tokens that the kit is given. */
  readonly tokens: readonly string[]
  /**
   * `all`: every check. `rest`: only the checks that come to no judgement in the situations before. `patient`: the same, with
   * `--exhaustive`; takes minutes, nearly all of them waiting. `drain`: the checks of a server that drains, which ends it. `discovery`: the
   * checks of discovery, which depend on who sees whom. `slow`: those of readers that are too slow.
   */
  readonly look: 'all' | 'rest' | 'drain' | 'discovery' | 'slow' | 'patient'
}

/** Limits small enough for an ordinary run to look at both sides of them. */
const limits: ServerOptions = { membersPerRoom: 8, roomsPerPeer: 12, dataBytes: 2048, messageBytes: 65_536 }

/** Sight that shows the kit more than its own, as `npm run conformance` has it. */
const sight: ServerOptions = { findRooms: 'joinable', seeUsers: 'anyone' }

/** Milliseconds for which a token of a situation holds: short enough for an ordinary run, long enough for what happens before. */
const shortLifeMs = 2500

/** Milliseconds until the other one ends: nobody waits for that. */
const longLifeMs = 86_400_000

/** The users of the self-test, the one with grants also with one for a single room: a grant of each kind meets every check. */
const firstTokens: readonly TokenEntry[] = selfTestTokens.map((entry) =>
  entry.grants === undefined
    ? entry
    : { ...entry, grants: [...entry.grants, { room: 'lounge', join: true, send: true }] },
)

const [ending, other] = ['ann-ends-7b0e5d21c9', 'ann-other-3f6a8c04e1']

/** What one configuration cannot show another one does; the swift ones first. */
export const situations: readonly Situation[] = [
  {
    name: 'two users, one of them with grants',
    options: { ...limits, ...sight, tokens: firstTokens },
    turnSeconds: 4,
    tokens: firstTokens.map(({ token }) => token),
    look: 'all',
  },
  {
    name: 'no users, low rates, ports and an application’s rules that answer later',
    portsAnswerLater: true,
    options: {
      ...limits,
      ratePerSecond: 50,
      rateBurst: 100,
      mayInvite: () => Promise.resolve(true),
      iceServers: () => Promise.resolve({ iceServers: [{ urls: ['stun:127.0.0.1:3478'] }] }),
      callsPerPeer: 4,
      findsPerSecond: 4,
      pageItems: 5,
    },
    tokens: [],
    look: 'all',
  },
  {
    name: 'two tokens of one user, one that ends soon',
    options: {
      ...limits,
      ratePerSecond: 0,
      tokens: [
        {
          token: ending,
          user: 'ann',
          grants: [{ prefix: 'parley-', join: true, send: true }],
          expiresInMs: shortLifeMs,
        },
        {
          token: other,
          user: 'ann',
          grants: [
            { room: 'lounge', join: true, send: true },
            { prefix: 'parley-', join: true, send: true },
            { prefix: 'listen-', join: true, send: false },
          ],
          expiresAt: Date.now() + longLifeMs,
        },
      ],
    },
    tokens: [ending, other],
    look: 'rest',
  },
  {
    name: 'users whom an application’s rule hides from each other',
    options: {
      ...limits,
      tokens: selfTestTokens,
      maySee: ({ user, users }) => Promise.resolve(users.filter((each) => each === user)),
    },
    tokens: selfTestTokens.map(({ token }) => token),
    look: 'rest',
  },
  {
    name: 'users who see themselves alone',
    options: { ...limits, tokens: selfTestTokens, invites: 'anyone' },
    tokens: selfTestTokens.map(({ token }) => token),
    look: 'discovery',
  },
  {
    name: 'users who see each other by an application’s rule',
    options: { ...limits, tokens: selfTestTokens, maySee: ({ users }) => users },
    tokens: selfTestTokens.map(({ token }) => token),
    look: 'discovery',
  },
  {
    name: 'a server that keeps little for a slow reader',
    options: { ...limits, tokens: selfTestTokens, bufferedBytes: 65_536, resumeBytes: 8_000_000 },
    tokens: selfTestTokens.map(({ token }) => token),
    look: 'slow',
  },
  {
    name: 'a server that drains',
    options: {
      ...limits,
      ...sight,
      tokens: selfTestTokens,
      drainSeconds: 2,
      drainUrl: 'wss://elsewhere.example/',
    },
    tokens: selfTestTokens.map(({ token }) => token),
    look: 'drain',
  },
  {
    name: 'short deadlines',
    // Two times that differ, the one for hello longer: neither may be kept for the other.
    options: { ...limits, tokens: selfTestTokens, helloTimeoutSeconds: 12, authTimeoutSeconds: 10 },
    tokens: selfTestTokens.map(({ token }) => token),
    look: 'patient',
  },
]
