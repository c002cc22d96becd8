import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { HostMessage, HostQuestion } from './host.ts'

/** Milliseconds in which a process starts, or answers; two cores may be busy. */
const startMs = 20_000
const answerMs = 5000

/** A server in a process of its own: a mutant may hang or crash it. */
export class HostedServer implements AsyncDisposable {
  readonly #child: ChildProcess
  /** One URL for each situation. */
  readonly urls: readonly string[]

  private constructor(child: ChildProcess, urls: readonly string[]) {
    this.#child = child
    this.urls = urls
  }

  /**
   * Starts the process.
   *
   * @param mutant - Id of the mutant to switch on; none for the sound server.
   * @returns `undefined` when no server comes up.
   */
  static async start(entry: string, mutant: string | undefined): Promise<HostedServer | undefined> {
    const script = fileURLToPath(new URL('host.js', import.meta.url))
    const child = fork(script, [entry], {
      stdio: 'ignore',
      env: { ...process.env, ...(mutant === undefined ? {} : { __STRYKER_ACTIVE_MUTANT__: mutant }) },
    })
    const message = await heard(child, 'ready', startMs)
    if (message?.type === 'ready') return new HostedServer(child, message.urls)
    child.kill('SIGKILL')
    return undefined
  }

  /** Whether the process is there and its event loop turns. */
  async alive(): Promise<boolean> {
    return (await this.#ask('alive')) !== undefined
  }

  /** Ids of the mutants whose place was reached since the last question. */
  async covered(): Promise<readonly string[]> {
    const message = await this.#ask('covered')
    return message?.type === 'covered' ? message.ids : []
  }

  async #ask(question: HostQuestion): Promise<HostMessage | undefined> {
    if (!this.#child.connected) return undefined
    this.#child.send(question, () => undefined)
    return heard(this.#child, question, answerMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}

/** The next message of a type; `undefined` when the process ends or the time is over before it. */
function heard(
  child: ChildProcess,
  type: HostMessage['type'],
  limitMs: number,
): Promise<HostMessage | undefined> {
  return new Promise((resolve) => {
    const end = (message?: HostMessage) => {
      clearTimeout(timer)
      child.off('message', take).off('exit', gone)
      resolve(message)
    }
    const gone = () => {
      end()
    }
    const take = (message: unknown) => {
      if ((message as HostMessage).type === type) end(message as HostMessage)
    }
    const timer = setTimeout(gone, limitMs)
    child.on('message', take).on('exit', gone)
  })
}
