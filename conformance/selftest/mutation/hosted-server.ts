import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { HostMessage, HostQuestion } from './host.ts'

/** Milliseconds in which a process starts, or answers; two cores may be busy. */
const startMs = 180_000
const answerMs = 60_000

/** Processes that run: one that a mutant keeps busy for ever does not notice that its parent has gone. */
const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** A process that serves mutants, one after another: each may hang or crash it. */
export class HostProcess implements AsyncDisposable {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /**
   * Starts the process.
   *
   * @param mutant - Id of the mutant that is switched on while the server's modules are loaded.
   * @returns `undefined` when they cannot be loaded.
   */
  static async start(entry: string, mutant?: string): Promise<HostProcess | undefined> {
    const script = fileURLToPath(new URL('host.js', import.meta.url))
    // Of the sound server it must be seen why it does not load.
    const child =
      mutant === undefined
        ? fork(script, [entry], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
        : fork(script, [entry, mutant], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    children.add(child)
    child.once('exit', () => children.delete(child))
    if ((await heard(child, 'ready', startMs))?.type === 'ready') return new HostProcess(child)
    child.kill('SIGKILL')
    return undefined
  }

  /**
   * Serves afresh in all situations, with a mutant or without.
   *
   * @returns A URL for each situation; `undefined` when no server comes up.
   */
  async serve(mutant?: string): Promise<readonly string[] | undefined> {
    const answer = await this.#ask({ type: 'serving', mutant })
    return answer?.type === 'serving' ? answer.urls : undefined
  }

  /** Makes the server of a situation begin to drain. */
  async drain(place: number): Promise<void> {
    await this.#ask({ type: 'draining', place })
  }

  /** Ids of the mutants whose place was reached since the last question; `undefined` when the process no longer answers. */
  async covered(): Promise<readonly string[] | undefined> {
    const answer = await this.#ask({ type: 'covered' })
    return answer?.type === 'covered' ? answer.ids : undefined
  }

  async #ask(question: HostQuestion): Promise<HostMessage | undefined> {
    if (!this.#child.connected) return undefined
    this.#child.send(question, () => undefined)
    return heard(this.#child, question.type, answerMs)
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
