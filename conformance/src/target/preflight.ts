import type { Authenticated, Welcome } from '@parley/schemas'
import { clip } from '../observer/frame-observer.ts'
import { frameFault } from '../endpoint/frame-fault.ts'
import type { Patience } from '../endpoint/patience.ts'
import { longestRetryMs, retryAfterOf } from '../endpoint/retry.ts'
import { parseWire, stringOf, type Wire } from '../endpoint/wire.ts'
import type { ConnectOptions, Link, LinkEnd } from '../transport/transport.ts'
import { ConnectError } from '../transport/transport.ts'
import { endPatienceMs, type Endings } from '../transport/ending.ts'
import { transportFor } from '../transport/registry.ts'
import { CredentialError } from './credential.ts'
import type { Target, TargetUser } from './target.ts'
import { fixedToken, type TokenSource } from './token-source.ts'
import { shownUrl } from './shown-url.ts'

/** The target cannot be judged: it is not there, speaks no Parley, or lets nobody of ours in. */
export class TargetProblem extends Error {
  override name = 'TargetProblem'
  /** `unreachable`: no Parley server answers there. `refused`: one does, but not to these tokens. `interrupted`: the user ended the run first. */
  readonly kind: 'unreachable' | 'refused' | 'interrupted'
  /** Whether a connection was accepted, and nothing came on it in time. */
  readonly unanswered: boolean

  constructor(
    kind: TargetProblem['kind'],
    message: string,
    options?: ErrorOptions & { unanswered?: boolean },
  ) {
    super(message, options)
    this.kind = kind
    this.unanswered = options?.unanswered ?? false
  }
}

/** Most pings by which the round trip is measured. */
const pings = 5

/** Milliseconds after which a ping is the last: over a slow path one or two tell enough. */
const measuringMs = 250

/**
 * Gets to know a server: opens a connection for each user, says `hello`, authenticates, measures the round trip.
 *
 * @param sources - One for each user; none where the server needs none.
 * @param endings - Told of the connections, which may end later.
 * @throws {@link TargetProblem} with a sentence that says what to do; `CredentialError` when a token cannot be had.
 */
export async function preflight(
  url: URL,
  sources: readonly TokenSource[],
  connect: ConnectOptions,
  patience: Patience,
  endings: Endings,
): Promise<Target> {
  const place = { url, connect, patience, endings }
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
  users.push(...(await Promise.all(others.map(meetAgain))))
  if (needsAuth) {
    const fresh = users.filter((user) => user.tokens.fresh)
    await Promise.all(
      fresh.map(async (user) => {
        requireSameUser(user, await meetAgain(user.tokens))
      }),
    )
  }
  const known = needsAuth && sources.length === 0 ? [] : users
  return { url, welcome: first.welcome, users: known, needsAuth, sessions, roundTripMs: patience.roundTripMs }
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
}

async function meet(
  { url, connect, patience, endings }: Place,
  token: string | undefined,
  measure: boolean,
): Promise<Meeting> {
  const talk = await Conversation.open(url, connect, patience)
  try {
    const welcome = await talk.hello()
    const needsAuth = welcome.auth.length > 0 && welcome.user === undefined
    const authenticated =
      needsAuth && token !== undefined ? await talk.authenticate(welcome, token) : undefined
    if (measure) patience.roundTripMs = await talk.roundTrip()
    return { welcome, authenticated }
  } finally {
    endings.add(talk.close())
  }
}

/** The first words with a server of which nothing is known yet. */
class Conversation {
  readonly #url: URL
  readonly #patience: Patience
  readonly #signal: AbortSignal | undefined
  readonly #frames: { readonly text: string; readonly message: Wire | undefined }[] = []
  /** Resolves when the connection has ended. */
  readonly ended: Promise<LinkEnd>
  #resolveEnded: (end: LinkEnd) => void = () => undefined
  #end: LinkEnd | undefined
  #wake: () => void = () => undefined
  #link: Link | undefined
  #helloMs = 0

  private constructor(url: URL, patience: Patience, signal: AbortSignal | undefined) {
    this.#url = url
    this.#patience = patience
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve))
    this.#signal = signal
  }

  static async open(url: URL, connect: ConnectOptions, patience: Patience): Promise<Conversation> {
    const talk = new Conversation(url, patience, connect.signal)
    const add = (text: string) => {
      const message = parseWire(text)
      // What is wrong with a frame is for a check to tell.
      if (message) talk.#frames.push({ text, message })
      else
        for (const each of frameFault(text).texts) talk.#frames.push({ text: each, message: parseWire(each) })
      talk.#wake()
    }
    try {
      talk.#link = await transportFor(url).connect(url, connect, {
        onText: add,
        onForeign: (_description, text) => {
          add(text)
        },
        onEnd: (end) => {
          talk.#end = end
          talk.#resolveEnded(end)
          talk.#wake()
        },
      })
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error
      talk.#unlessInterrupted()
      throw new TargetProblem('unreachable', error.message, { cause: error, unanswered: error.unanswered })
    }
    return talk
  }

  /** Ends the connection in good manners; resolves when it has ended, if need be by force. */
  async close(): Promise<void> {
    const link = this.#link
    if (!link || this.#end) return
    link.close()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        link.abort()
        resolve()
      }, endPatienceMs(this.#patience.roundTripMs))
      this.#wake = () => {
        if (!this.#end) return
        clearTimeout(timer)
        resolve()
      }
    })
  }

  cut(): void {
    this.#link?.abort()
  }

  /** Code of the fatal error with which the server announced the end. */
  get fatalCode(): string | undefined {
    const message = this.#frames.at(-1)?.message
    return message?.['type'] === 'error' && message['fatal'] === true ? stringOf(message, 'code') : undefined
  }

  /** Sends a ping and forgets what was answered so far. */
  giveSign(): void {
    this.#frames.length = 0
    this.#link?.send(JSON.stringify({ type: 'ping' }))
  }

  async hello(): Promise<Welcome> {
    const began = performance.now()
    this.#link?.send(JSON.stringify({ type: 'hello', versions: [1], id: 'hello' }))
    const answer = await this.#next((message) => {
      const type = message ? stringOf(message, 'type') : undefined
      return type === 'welcome' || type === 'error' || message === undefined || message['ref'] === 'hello'
    }, 'hello')
    this.#helloMs = performance.now() - began
    const { message } = answer
    const fix = 'Check that this is the address of a Parley server'
    if (!message || (message['type'] !== 'welcome' && message['type'] !== 'error')) {
      throw this.#problem(`answered hello with ${clip(answer.text)}, which is no Parley message. ${fix}`)
    }
    if (message['type'] === 'error') {
      const code = stringOf(message, 'code') ?? 'no code'
      throw this.#problem(`refused hello with ${clip(code)}: ${clip(stringOf(message, 'message') ?? '')}`)
    }
    // Only what the kit itself needs; the rest is judged by checks.
    const list: unknown = message['auth']
    if (typeof message['peer'] !== 'string') throw this.#problem('answered with a welcome that names no peer')
    if (list !== undefined && !Array.isArray(list))
      throw this.#problem('answered with a welcome whose auth is no list')
    return { auth: [], capabilities: {}, limits: {}, ...message } as unknown as Welcome
  }

  async authenticate(welcome: Welcome, token: string): Promise<Authenticated> {
    if (!welcome.auth.includes('token')) {
      const methods = welcome.auth.join(', ')
      throw new TargetProblem(
        'refused',
        `${shownUrl(this.#url)} authenticates by ${methods}; the kit has only tokens`,
      )
    }
    const auth = async () => {
      this.#frames.length = 0
      this.#link?.send(JSON.stringify({ type: 'auth', method: 'token', token, id: 'auth' }))
      return await this.#next(
        (answer) => answer?.['type'] === 'authenticated' || answer?.['type'] === 'error',
        'auth',
      )
    }
    let { message } = await auth()
    const wait = retryAfterOf({ code: stringOf(message ?? {}, 'code'), message: message ?? {} })
    if (wait !== undefined && wait <= longestRetryMs) {
      await new Promise((resolve) => setTimeout(resolve, wait))
      message = (await auth()).message
    }
    if (message?.['type'] === 'authenticated') return message as unknown as Authenticated
    const code = clip(String(message?.['code']))
    throw new TargetProblem(
      'refused',
      `${shownUrl(this.#url)} does not accept a token (${code}): check --token, and whether it has expired`,
    )
  }

  /** Median of some pings; of `hello` where no ping is answered, which is for a check to judge. */
  async roundTrip(): Promise<number> {
    const times: number[] = []
    const over = performance.now() + measuringMs
    for (let turn = 0; turn < pings && (turn === 0 || performance.now() < over); turn += 1) {
      const id = `ping-${String(turn)}`
      const began = performance.now()
      this.#link?.send(JSON.stringify({ type: 'ping', id }))
      try {
        await this.#next((message) => message?.['ref'] === id || message?.['type'] === 'pong', 'ping', 3000)
      } catch {
        return this.#helloMs
      }
      times.push(performance.now() - began)
      this.#frames.length = 0
    }
    return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? this.#helloMs
  }

  async #next(
    match: (message: Wire | undefined) => boolean,
    question: string,
    ms = this.#patience.dueMs,
  ): Promise<{ readonly text: string; readonly message: Wire | undefined }> {
    const deadline = performance.now() + ms
    for (;;) {
      const found = this.#frames.find(({ message }) => match(message))
      if (found) return found
      this.#unlessInterrupted()
      if (this.#end) {
        const code = this.#end.code === undefined ? 'no close code' : `close code ${String(this.#end.code)}`
        throw this.#problem(`ended the connection instead of answering ${question} (${code})`)
      }
      const left = deadline - performance.now()
      if (left <= 0) {
        const seconds = (ms / 1000).toFixed(1)
        throw this.#problem(
          `accepts connections but did not answer ${question} within ${seconds} s. Check that it speaks Parley`,
          { unanswered: true },
        )
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer)
          this.#signal?.removeEventListener('abort', wake)
          resolve()
        }
        const timer = setTimeout(wake, left)
        this.#signal?.addEventListener('abort', wake)
        this.#wake = wake
      })
    }
  }

  #unlessInterrupted(): void {
    if (!this.#signal?.aborted) return
    throw new TargetProblem(
      'interrupted',
      `The run was ended before ${shownUrl(this.#url)} had been got to know`,
    )
  }

  #problem(text: string, options?: { unanswered: boolean }): TargetProblem {
    return new TargetProblem('unreachable', `${shownUrl(this.#url)} ${text}`, options)
  }
}
