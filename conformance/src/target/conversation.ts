import type { Authenticated, Hello, Welcome } from '@parley/schemas'
import { frameFault } from '../endpoint/frame-fault.ts'
import type { Patience } from '../endpoint/patience.ts'
import { longestRetryMs, mostAttempts, retryAfterOf } from '../endpoint/retry.ts'
import { parseWire, stringOf, type Wire } from '../endpoint/wire.ts'
import { clip } from '../observer/frame-observer.ts'
import { endPatienceMs } from '../transport/ending.ts'
import { transportFor } from '../transport/registry.ts'
import { ConnectError, type ConnectOptions, type Link, type LinkEnd } from '../transport/transport.ts'
import { shownUrl } from './shown-url.ts'
import { TargetProblem } from './target-problem.ts'

/** Most pings by which the round trip is measured. */
const pings = 5

/** Milliseconds after which a ping is the last: over a slow path one or two tell enough. */
const measuringMs = 250

/** The first words with a server of which nothing is known yet. */
export class Conversation {
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
    this.say({ type: 'ping' })
  }

  /** Sends a message whose answer nobody waits for. */
  say(message: Wire): void {
    this.#link?.send(JSON.stringify(message))
  }

  /** @param members - Further members of `hello`. */
  async hello(members: Pick<Hello, 'capabilities'> = {}): Promise<Welcome> {
    const began = performance.now()
    this.#link?.send(JSON.stringify({ type: 'hello', versions: [1], ...members, id: 'hello' }))
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
    for (let attempt = 1, left = longestRetryMs; attempt < mostAttempts; attempt += 1) {
      const wait = retryAfterOf({ code: stringOf(message ?? {}, 'code'), message: message ?? {} })
      if (wait === undefined || wait > left) break
      left -= wait
      await new Promise((resolve) => setTimeout(resolve, wait))
      message = (await auth()).message
    }
    if (message?.['type'] === 'authenticated') return message as unknown as Authenticated
    const code = clip(String(message?.['code']))
    const trouble =
      code === 'rate-limited'
        ? `refuses auth (${code}), however long the kit waits`
        : `does not accept a token (${code}): check --token, and whether it has expired`
    throw new TargetProblem('refused', `${shownUrl(this.#url)} ${trouble}`)
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
