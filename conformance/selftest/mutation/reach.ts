import { checks, type CheckVerdict } from '@parley/conformance'
import { HostProcess } from './hosted-server.ts'
import { runKit } from './kit-run.ts'
import { situations, type Situation } from './situation.ts'

/** Ids of the wire checks: real peers add minutes and see nothing of a server that these do not. */
const onWire = checks.filter(({ peers }) => !peers)
const wireChecks = onWire.filter(({ drains }) => !drains).map(({ id }) => id)
const discoveryChecks = onWire.filter(({ capability }) => capability === 'discovery').map(({ id }) => id)
const drainChecks = onWire.filter(({ drains }) => drains).map(({ id }) => id)
const slowChecks = onWire
  .map(({ id }) => id)
  .filter((id) => id.startsWith('delivery.slow-') || id === 'resume.fatal:too-slow')

/** Checks that judge what all others have seen: each part of a run ends with them. */
export const hindsight: readonly string[] = checks
  .filter(({ peers, last }) => last && !peers)
  .map(({ id }) => id)

/** What the kit does against the sound server in one situation. */
export interface Reach {
  /** The place of each mutant that a check comes to, by the check's id. */
  readonly placesOf: ReadonlyMap<string, ReadonlySet<string>>
  /** All places that are reached. */
  readonly places: ReadonlySet<string>
  /** Places that are not known to belong to some checks: any check may show a mutant there. */
  readonly everywhere: ReadonlySet<string>
  /** Checks that come to a judgement. */
  readonly clear: ReadonlySet<string>
  /** Checks that come to none; a mutant may make them. */
  readonly idle: readonly string[]
}

/** What the kit reaches in the swift situations. */
export interface SwiftReach {
  /** Places that are reached while the server's modules are loaded. */
  readonly atLoad: ReadonlySet<string>
  readonly reach: readonly Reach[]
}

/** Servers that are looked at at the same time. */
const servers = 3

/**
 * Runs the kit against the sound server in the swift situations: all of it, and each check alone where all are asked.
 *
 * @throws When the kit finds a fault: then nothing that it says of a mutant has a meaning.
 */
export async function swiftReach(entry: string): Promise<SwiftReach> {
  const reach: Reach[] = []
  await using server = await soundServer(entry)
  const atLoad = new Set(await server.covered())
  for (const situation of situations.filter(({ look }) => look !== 'patient'))
    reach.push(await reachOf(entry, server, situation, reach, atLoad))
  return { atLoad, reach }
}

/** The same for a patient situation, whose checks run together. */
export async function patientReach(
  entry: string,
  situation: Situation,
  before: SwiftReach,
  tries = 3,
): Promise<Reach> {
  await using server = await soundServer(entry)
  await server.covered()
  try {
    return await reachOf(entry, server, situation, before.reach, new Set())
  } catch (cause) {
    // What waits for minutes may meet a moment in which the machine stands still.
    if (tries <= 1) throw cause
    return await patientReach(entry, situation, before, tries - 1)
  }
}

async function reachOf(
  entry: string,
  server: HostProcess,
  situation: Situation,
  before: readonly Reach[],
  atLoad: ReadonlySet<string>,
): Promise<Reach> {
  const wanted = checksOf(situation, before)
  const clear = new Set<string>()
  await soundRun(server, situation, wanted, (id, verdict) => {
    if (verdict === 'pass') clear.add(id)
  })
  const covered = [...((await server.covered()) ?? []), ...atLoad]
  const places = new Set(covered)
  const alone = wanted.filter((id) => clear.has(id) && !hindsight.includes(id))
  const [first] = before
  const placesOf =
    first === undefined || situation.look === 'all'
      ? await placesOfEach(entry, situation, alone)
      : placesAsBefore(alone, first, places)
  const everywhere = everywhereOf(places, placesOf, atLoad)
  const idle = wanted.filter((id) => !clear.has(id) && !hindsight.includes(id))
  return { placesOf, places, everywhere, clear, idle }
}

async function placesOfEach(
  entry: string,
  situation: Situation,
  ids: readonly string[],
): Promise<Map<string, ReadonlySet<string>>> {
  const placesOf = new Map<string, ReadonlySet<string>>()
  const queue = [...ids]
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
  return placesOf
}

/**
 * Places that any check may show a mutant at: those that are reached while the server's modules are loaded, and those that no check is known to
 * come to. That a check comes to all of them for want of knowledge says nothing of which are its own.
 */
export function everywhereOf(
  places: ReadonlySet<string>,
  placesOf: ReadonlyMap<string, ReadonlySet<string>>,
  atLoad: ReadonlySet<string>,
): ReadonlySet<string> {
  const known = new Set([...placesOf.values()].filter((own) => own !== places).flatMap((own) => [...own]))
  return new Set([...places].filter((id) => atLoad.has(id) || !known.has(id)))
}

/** What a check reaches it reaches in other situations too, as far as it is known; a check that is new comes to every place. */
function placesAsBefore(
  ids: readonly string[],
  { placesOf }: Reach,
  places: ReadonlySet<string>,
): Map<string, ReadonlySet<string>> {
  return new Map(ids.map((id) => [id, placesOf.get(id) ?? places]))
}

/** Which checks a situation is for. */
function checksOf({ look }: Situation, before: readonly Reach[]): readonly string[] {
  if (look === 'all') return wireChecks
  if (look === 'discovery') return [...discoveryChecks, ...hindsight]
  if (look === 'drain') return [...drainChecks, ...hindsight]
  if (look === 'slow') return [...slowChecks, ...hindsight]
  return wireChecks.filter((id) => !before.some(({ clear }) => clear.has(id)))
}

async function soundServer(entry: string): Promise<HostProcess> {
  const server = await HostProcess.start(entry)
  if (server === undefined) throw new Error('Cannot begin: the instrumented server cannot be loaded')
  return server
}

async function soundRun(
  server: HostProcess,
  situation: Situation,
  ids: readonly string[],
  onVerdict: (check: string, verdict: CheckVerdict) => void,
): Promise<void> {
  const place = situations.indexOf(situation)
  const url = (await server.serve())?.[place] ?? ''
  const { signal } = new AbortController()
  const { failed, warned, refused } = await runKit(
    { situation, url, checks: ids, signal, drain: () => server.drain(place), onVerdict },
    () => false,
  )
  const against = failed ?? warned ?? refused
  if (against !== undefined)
    throw new Error(`Cannot begin: without a mutant, with ${situation.name}, the kit says: ${against}`)
}
