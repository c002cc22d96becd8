import { runConformance, TargetProblem } from '@parley/conformance'
import { selfTestTokens } from '../self-test-token.ts'
import { HostedServer } from './hosted-server.ts'
import type { Examination, Finding, Judgement } from './judge.ts'
import type { CodeMutant } from './instrument.ts'

/** Deadlines are short: server and kit are on one machine. */
const timeoutScale = 0.3

/** Checks that are asked first, because they have caught other mutants of the same file. */
const promising = 16

const tokenTexts = selfTestTokens.map(({ token }) => token)

/** The kit as judge of mutants; it learns which checks catch what in which file. */
export class KitExamination implements Examination<HostedServer> {
  readonly limitMs = 120_000
  readonly #entry: string
  readonly #killers = new Map<string, Map<string, number>>()
  /** Checks that come to no judgement against the sound server, peers being left out. */
  readonly #unclear = new Set<string>()
  #reached: ReadonlySet<string> = new Set()

  private constructor(entry: string) {
    this.#entry = entry
  }

  /**
   * Runs the kit against the sound server, which shows what it reaches.
   *
   * @throws When the kit finds a fault: then nothing that it says of a mutant has a meaning.
   */
  static async prepare(entry: string): Promise<KitExamination> {
    const examination = new KitExamination(entry)
    const server = await HostedServer.start(entry, undefined)
    if (server === undefined) throw new Error('Cannot begin: the instrumented server does not start')
    try {
      const signal = new AbortController().signal
      for (const place of [0, 1]) {
        const { failed } = await examination.#run(server, place, [], signal, true)
        if (failed !== undefined) throw new Error(`Cannot begin: without a mutant, the check ${failed} fails`)
      }
      examination.#reached = new Set(await server.covered())
    } finally {
      await server[Symbol.asyncDispose]()
    }
    return examination
  }

  /** Whether any run of the kit comes to the place of the mutant. */
  reaches({ id }: CodeMutant): boolean {
    return this.#reached.has(id)
  }

  start({ id }: CodeMutant): Promise<HostedServer | undefined> {
    return HostedServer.start(this.#entry, id)
  }

  parts({ file }: CodeMutant) {
    const known = [...(this.#killers.get(file) ?? [])].toSorted((a, b) => b[1] - a[1])
    const first = known.slice(0, promising).map(([name]) => name)
    const whole = [0, 1].map(
      (place) => (server: HostedServer, signal: AbortSignal) => this.#run(server, place, [], signal),
    )
    if (first.length === 0) return whole
    return [(server: HostedServer, signal: AbortSignal) => this.#run(server, 0, first, signal), ...whole]
  }

  /** Remembers who caught it. */
  learn({ mutant, fate, by }: Judgement): void {
    if (fate !== 'killed' || by === undefined) return
    const killers = this.#killers.get(mutant.file) ?? new Map<string, number>()
    killers.set(by, (killers.get(by) ?? 0) + 1)
    this.#killers.set(mutant.file, killers)
  }

  async #run(
    server: HostedServer,
    place: number,
    checks: readonly string[],
    signal: AbortSignal,
    sound = false,
  ): Promise<Finding> {
    const found = new AbortController()
    let failed: string | undefined
    let unclear: string | undefined
    let stop: () => void = () => undefined
    const caught = new Promise<void>((resolve) => {
      stop = resolve
    })
    try {
      const run = runConformance({
        url: server.urls[place] ?? '',
        tokens: place === 0 ? tokenTexts : [],
        checks,
        peers: 'none',
        timeoutScale,
        seed: 'mutation',
        signal: AbortSignal.any([signal, found.signal]),
        onEvent: (event) => {
          if (event.type !== 'check' || found.signal.aborted) return
          const { id, verdict } = event.result
          if (verdict === 'fail') {
            failed = id
            found.abort()
            // One fault is enough: what still waits ends with the process, and nobody waits for it.
            if (!sound) stop()
          } else if (verdict === 'could-not-run' || verdict === 'kit-error') {
            if (sound) this.#unclear.add(`${place} ${id}`)
            else if (!this.#unclear.has(`${place} ${id}`)) unclear ??= `${verdict} ${id}`
          }
        },
      })
      run.catch(() => undefined)
      await Promise.race([run, caught])
    } catch (cause) {
      // The server greets nobody, or lets no user in.
      if (!(cause instanceof TargetProblem)) throw cause
      if (sound) throw cause
      return { dead: `no run begins: ${cause.kind}` }
    }
    return { ...(failed === undefined ? {} : { failed }), ...(unclear === undefined ? {} : { unclear }) }
  }
}
