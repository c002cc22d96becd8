import { capabilityNames, isCapabilityName, type Authenticated, type Welcome } from '@parley/schemas'
import { clip } from '../observer/frame-observer.ts'
import type { Patience } from '../endpoint/patience.ts'
import { stringOf } from '../endpoint/wire.ts'
import type { ConnectOptions, LinkEnd } from '../transport/transport.ts'
import type { Endings } from '../transport/ending.ts'
import type { Turns } from '../transport/turns.ts'
import { Conversation } from './conversation.ts'
import { CredentialError } from './credential.ts'
import type { OfferedCapabilities, Target, TargetUser } from './target.ts'
import { TargetProblem } from './target-problem.ts'
import { fixedToken, type TokenSource } from './token-source.ts'

/**
 * Gets to know a server: opens a connection for each user, says `hello`, authenticates, measures the round trip; asks on one more what
 * the server offers.
 *
 * @param sources - One for each user; none where the server needs none.
 * @param endings - Told of the connections, which may end later.
 * @param opening - Lets as many connections be opened at a time as the user wants.
 * @throws {@link TargetProblem} with a sentence that says what to do; `CredentialError` when a token cannot be had.
 */
export async function preflight(
  url: URL,
  sources: readonly TokenSource[],
  connect: ConnectOptions,
  patience: Patience,
  endings: Endings,
  opening: Turns,
): Promise<Target> {
  const place = { url, connect, patience, endings, opening }
  const sessions: string[] = []
  const meetOf = async (source: TokenSource | undefined, measure: boolean): Promise<Meeting> => {
    const meeting = await meet(place, await source?.next(), measure)
    sessions.push(stringOf(meeting.welcome, 'session') ?? '')
    return meeting
  }
  const meetAgain = async (source: TokenSource): Promise<TargetUser> => {
    const { authenticated } = await meetOf(source, false)
    return { tokens: source, authenticated }
  }
  const first = await meetOf(sources[0], true)
  const tokens = sources[0] ?? fixedToken('')
  const users: TargetUser[] = [{ tokens, authenticated: first.authenticated }]
  const needsAuth = first.welcome.auth.length > 0 && first.welcome.user === undefined
  const others = needsAuth ? sources.slice(1) : []
  const met = others.map(meetAgain)
  const asked = askForCapabilities(place, sessions)
  await Promise.allSettled([asked, ...met])
  const offered = await asked
  users.push(...(await Promise.all(met)))
  if (needsAuth) {
    const fresh = users.filter((user) => user.tokens.fresh)
    await Promise.all(
      fresh.map(async (user) => {
        requireSameUser(user, await meetAgain(user.tokens))
      }),
    )
  }
  const known = needsAuth && sources.length === 0 ? [] : users
  const { welcome } = first
  return { url, welcome, offered, users: known, needsAuth, sessions, roundTripMs: patience.roundTripMs }
}

/** Names every capability that there is, on a connection of its own: all others say a bare `hello`. */
async function askForCapabilities(place: Place, sessions: string[]): Promise<OfferedCapabilities> {
  const named = Object.fromEntries(capabilityNames.map((name) => [name, {}]))
  let talk: Conversation | undefined
  try {
    talk = await openIn(place)
    const welcome = await talk.hello({ capabilities: named })
    sessions.push(stringOf(welcome, 'session') ?? '')
    // What else is wrong with it is for a check to tell.
    const names = Object.keys((welcome.capabilities as object | null) ?? {}).filter(isCapabilityName)
    return { names: new Set(names), problem: undefined }
  } catch (error) {
    if (!(error instanceof TargetProblem) || error.kind === 'interrupted') throw error
    return { names: new Set(), problem: error.message }
  } finally {
    // A session that outlives its connection would wait in one of the places that a server has for those.
    talk?.say({ type: 'bye' })
    if (talk) place.endings.add(talk.close())
  }
}

/** What a check knows of a user holds for each of its tokens. */
function requireSameUser({ authenticated: one }: TargetUser, { authenticated: other }: TargetUser): void {
  if (one?.user === other?.user) return
  const users = `"${clip(one?.user ?? '')}" and "${clip(other?.user ?? '')}"`
  throw new CredentialError(
    `Cannot use fresh tokens of different users: two of one command are of ${users}, where all have to be of one user`,
  )
}

/**
 * How somebody new fares: is `welcomed`; goes `unanswered` though the connection was accepted; or has another fate, which says nothing of a
 * server that listens (no connection, a cut one, a refusal).
 */
export type HelloFate = 'welcomed' | 'unanswered' | 'other'

/** Says `hello` to a server as somebody new. */
export async function sayHello(
  url: URL,
  connect: ConnectOptions,
  patience: Patience,
  endings: Endings,
): Promise<HelloFate> {
  let talk: Conversation | undefined
  try {
    talk = await Conversation.open(url, connect, patience)
    await talk.hello()
    return 'welcomed'
  } catch (error) {
    if (error instanceof TargetProblem) return error.unanswered ? 'unanswered' : 'other'
    throw error
  } finally {
    if (talk) endings.add(talk.close())
  }
}

/** A place at the server that is kept while nothing is tested. */
export interface Attendance {
  /** Resolves when the connection has ended; `announced` is the code of the fatal error before it. */
  readonly ended: Promise<LinkEnd & { readonly announced: string | undefined }>
  /** Ends the connection. */
  close(): void
}

/** Most milliseconds between two signs of life; the specification lets no server end a connection for silence before 60 s. */
const signOfLifeMs = 20_000

/**
 * Says `hello` to a server and stays.
 *
 * @throws {@link TargetProblem}
 */
export async function attend(
  url: URL,
  connect: ConnectOptions,
  patience: Patience,
  signal: AbortSignal,
): Promise<Attendance> {
  const talk = await Conversation.open(url, connect, patience)
  // At once: a server that stands still, in a debugger say, would not answer the end.
  const leave = () => {
    talk.cut()
  }
  const timer = setInterval(() => {
    talk.giveSign()
  }, signOfLifeMs)
  void talk.ended.then(() => {
    clearInterval(timer)
    signal.removeEventListener('abort', leave)
  })
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()
  try {
    await talk.hello()
  } catch (error) {
    leave()
    throw error
  }
  return { ended: talk.ended.then((end) => ({ ...end, announced: talk.fatalCode })), close: leave }
}

interface Meeting {
  readonly welcome: Welcome
  readonly authenticated: Authenticated | undefined
}

/** Where to meet whom, and how. */
interface Place {
  readonly url: URL
  readonly connect: ConnectOptions
  readonly patience: Patience
  readonly endings: Endings
  readonly opening: Turns
}

/** Opens a connection when its turn has come. */
function openIn({ url, connect, patience, opening }: Place): Promise<Conversation> {
  return opening.do(() => Conversation.open(url, connect, patience))
}

async function meet(place: Place, token: string | undefined, measure: boolean): Promise<Meeting> {
  const talk = await openIn(place)
  try {
    const welcome = await talk.hello()
    const needsAuth = welcome.auth.length > 0 && welcome.user === undefined
    const authenticated =
      needsAuth && token !== undefined ? await talk.authenticate(welcome, token) : undefined
    if (measure) place.patience.roundTripMs = await talk.roundTrip()
    return { welcome, authenticated }
  } finally {
    place.endings.add(talk.close())
  }
}
