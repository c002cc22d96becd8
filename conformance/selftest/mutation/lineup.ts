import { HostProcess } from './hosted-server.ts'
import type { CodeMutant } from './instrument.ts'
import type { Suspect } from './judge.ts'

/** Mutants that one process serves before it is replaced. */
const longestService = 40

/** Files that keep something from one server to the next in their process: they get a process of their own. */
const withMemory: ReadonlySet<string> = new Set(['schemas/src/check-message.ts'])

/** A server with a mutant switched on, in all situations. */
export interface MutatedSuspect extends Suspect {
  /** One URL for each situation. */
  readonly urls: readonly string[]
  /** Makes the one of a situation begin to drain. */
  drain(place: number): Promise<void>
}

interface Worker {
  readonly process: HostProcess
  served: number
}

/** Processes that serve mutants: starting one costs as much as judging a mutant. */
export class Lineup implements AsyncDisposable {
  readonly #entry: string
  readonly #atLoad: ReadonlySet<string>
  readonly #idle: Worker[] = []

  /** @param atLoad - Ids of the mutants that only matter while the modules are loaded. */
  constructor(entry: string, atLoad: ReadonlySet<string>) {
    this.#entry = entry
    this.#atLoad = atLoad
  }

  /** Serves a mutant; `undefined` when no server comes up with it, not at the second attempt either. */
  async serve(mutant: CodeMutant): Promise<MutatedSuspect | undefined> {
    return (await this.#try(mutant)) ?? (await this.#try(mutant))
  }

  async #try({ id, file }: CodeMutant): Promise<MutatedSuspect | undefined> {
    const alone = this.#atLoad.has(id) || withMemory.has(file)
    const worker = alone
      ? await startWorker(this.#entry, id)
      : (this.#idle.pop() ?? (await startWorker(this.#entry)))
    if (worker === undefined) return undefined
    worker.served += 1
    const urls = await worker.process.serve(id)
    if (urls === undefined) {
      await worker.process[Symbol.asyncDispose]()
      return undefined
    }
    const alive = async () => (await worker.process.covered()) !== undefined
    return {
      urls,
      drain: (place) => worker.process.drain(place),
      alive,
      [Symbol.asyncDispose]: async () => {
        const goesOn = !alone && worker.served < longestService && (await alive())
        // Serving the sound server ends all connections: no check that still waits is left behind.
        if (goesOn && (await worker.process.serve('none')) !== undefined) this.#idle.push(worker)
        else await worker.process[Symbol.asyncDispose]()
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#idle.splice(0).map(({ process }) => process[Symbol.asyncDispose]()))
  }
}

async function startWorker(entry: string, mutant?: string): Promise<Worker | undefined> {
  const process = await HostProcess.start(entry, mutant)
  return process === undefined ? undefined : { process, served: 0 }
}
