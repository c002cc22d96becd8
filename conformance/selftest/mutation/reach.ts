import { checks, type CheckVerdict } from '@parley/conformance'
import { HostedServer } from './hosted-server.ts'
import { runKit } from './kit-run.ts'
import { situations, type Situation } from './situation.ts'

/** Ids of the wire checks: real peers add minutes and see nothing of a server that these do not. */
const wireChecks = checks.filter(({ peers }) => !peers).map(({ id }) => id)

/** Checks that judge what all others have seen: each part of a run ends with them. */
export const hindsight: readonly string[] = checks
  .filter(({ peers, last }) => last && !peers)
  .map(({ id }) => id)

/** What the kit does against the sound server in one situation. */
export interface Reach {
  /** The place of each mutant that a check comes to, by the check's id. */
  readonly placesOf: ReadonlyMap<string, ReadonlySet<string>>
  /** Places that are reached when the server starts, or by no check alone: any check may show a mutant there. */
  readonly everywhere: ReadonlySet<string>
  /** Checks that come to a judgement. */
  readonly clear: ReadonlySet<string>
}

/** Servers that are looked at at the same time. */
const servers = 2

/**
 * Runs the kit against the sound server in the swift situations: all of it, and each check alone.
 *
 * @throws When the kit finds a fault: then nothing that it says of a mutant has a meaning.
 */
export async function swiftReach(entry: string): Promise<readonly Reach[]> {
  const reach: Reach[] = []
  for (const situation of situations.filter(({ look }) => look !== 'patient'))
    reach.push(await reachOf(entry, situation, reach))
  return reach
}

/** The same for a patient situation, whose checks run together. */
export function patientReach(entry: string, situation: Situation, before: readonly Reach[]): Promise<Reach> {
  return reachOf(entry, situation, before)
}

async function reachOf(entry: string, situation: Situation, before: readonly Reach[]): Promise<Reach> {
  const wanted = checksOf(situation, before)
  await using server = await soundServer(entry)
  const atStart = await server.covered()
  const clear = new Set<string>()
  await soundRun(server, situation, wanted, (id, verdict) => {
    if (verdict === 'pass') clear.add(id)
  })
  const together = await server.covered()
  const placesOf = new Map<string, ReadonlySet<string>>()
  if (situation.look === 'patient') {
    for (const id of wanted) placesOf.set(id, new Set(together))
    return { placesOf, everywhere: new Set(), clear }
  }
  const queue = wanted.filter((id) => clear.has(id) && !hindsight.includes(id))
  await Promise.all(
    Array.from({ length: servers }, async () => {
      await using own = await soundServer(entry)
      for (let id = queue.shift(); id; id = queue.shift()) {
        await own.covered()
        await soundRun(own, situation, [id], () => undefined)
        placesOf.set(id, new Set(await own.covered()))
      }
    }),
  )
  const alone = new Set([...placesOf.values()].flatMap((places) => [...places]))
  return { placesOf, everywhere: new Set([...atStart, ...together.filter((id) => !alone.has(id))]), clear }
}

/** Which checks a situation is for. */
function checksOf({ look }: Situation, before: readonly Reach[]): readonly string[] {
  if (look === 'all') return wireChecks
  return wireChecks.filter((id) => !before.some(({ clear }) => clear.has(id)))
}

async function soundServer(entry: string): Promise<HostedServer> {
  const server = await HostedServer.start(entry, undefined)
  if (server === undefined) throw new Error('Cannot begin: the instrumented server does not start')
  return server
}

async function soundRun(
  server: HostedServer,
  situation: Situation,
  ids: readonly string[],
  onVerdict: (check: string, verdict: CheckVerdict) => void,
): Promise<void> {
  const url = server.urls[situations.indexOf(situation)] ?? ''
  const { signal } = new AbortController()
  const { failed, warned, refused } = await runKit(
    { situation, url, checks: ids, signal, onVerdict },
    () => false,
  )
  const against = failed ?? warned ?? refused
  if (against !== undefined)
    throw new Error(`Cannot begin: without a mutant, with ${situation.name}, the kit says: ${against}`)
}
