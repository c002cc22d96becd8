import { spawn, type ChildProcess } from 'node:child_process'
import { impairedPath, type Impairment } from '../impaired-path.ts'
import type { RunningServer } from '../running-server.ts'

/** What makes a run harder than it is on an idle machine. */
export interface Condition {
  readonly letter: string
  readonly title: string
  /** Runs of a whole soak. */
  readonly runs: number
  /** Runs at the same time, against as many servers. */
  readonly abreast: number
  /** Kits at the same time against one server. */
  readonly kits?: number
  readonly path?: Impairment
  /** Whether server and kit are stopped again and again. */
  readonly stops?: boolean
  /** Whether every core is kept busy by others. */
  readonly busy?: boolean
}

/** All conditions of a soak. */
export const conditions: readonly Condition[] = [
  { letter: 'a', title: 'nothing in the way', runs: 60, abreast: 1 },
  { letter: 'b', title: 'both cores kept busy', runs: 40, abreast: 1, busy: true },
  {
    letter: 'c',
    title: '300 ms of round trip with jitter',
    runs: 40,
    abreast: 3,
    path: { roundTripMs: 300, jitterMs: 60 },
  },
  { letter: 'd', title: 'server and kit stopped for 0.5 to 2 s', runs: 50, abreast: 2, stops: true },
  { letter: 'e', title: 'TCP cut and joined at random', runs: 50, abreast: 1, path: { fragments: true } },
  { letter: 'f', title: 'ten kits at once', runs: 40, abreast: 1, kits: 10 },
  {
    letter: 'g',
    title: 'answers at the end of their allowed time',
    runs: 20,
    abreast: 20,
    path: { answersLateMs: 4600, promptConnections: 2 },
  },
  {
    letter: 'h',
    title: 'a piece of each connection held back for up to 4 s',
    runs: 20,
    abreast: 3,
    path: { holdsMs: 4000 },
  },
]

/** Puts what a condition needs around a server; disposing takes it away again. */
export async function impose(
  condition: Condition,
  server: RunningServer,
  seed: string,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const path = condition.path && (await impairedPath(server.url, { ...condition.path, seed }))
  const spinners = condition.busy ? [spin(), spin()] : []
  return {
    url: path?.url ?? server.url,
    [Symbol.asyncDispose]: async () => {
      for (const spinner of spinners) spinner.kill()
      await path?.[Symbol.asyncDispose]()
    },
  }
}

function spin(): ChildProcess {
  return spawn(process.execPath, ['-e', 'for (;;) {}'], { stdio: 'ignore' })
}

/** Stops a process for 0.5 to 2 s, again and again; the returned function ends that. */
export function stopAgainAndAgain(victim: ChildProcess): () => void {
  let timer: NodeJS.Timeout
  const go = () => {
    victim.kill('SIGCONT')
    timer = setTimeout(stop, 500 + Math.random() * 2500)
  }
  const stop = () => {
    victim.kill('SIGSTOP')
    timer = setTimeout(go, 500 + Math.random() * 1500)
  }
  go()
  return () => {
    clearTimeout(timer)
    victim.kill('SIGCONT')
  }
}
