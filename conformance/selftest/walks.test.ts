import { runConformance } from '@parley/conformance'
import type { ServerOptions } from '@parley/reference-server'
import { expect, test } from 'vitest'
import { startReferenceServer } from './running-server.ts'

/** The walks by the machine that they lead through. */
const walks = {
  connection: ['connection.states'],
  membership: ['rooms.states'],
  call: ['ring.states', 'ring.states:devices'],
  session: ['resume.states'],
} as const

/** Runs of the walks against each server: in one of them chance leaves out about a third of what can be played. */
const runs = 12

/** Runs at the same time. */
const atOnce = 4

/** The transitions that the walks of one run have not taken, by check; each run has a server and users of its own. */
async function missedBy(seed: string, options: ServerOptions) {
  await using server = await startReferenceServer(options)
  const { url, tokens } = server
  const checks = Object.values(walks).flat()
  const result = await runConformance({ url, tokens, seed, checks, peers: 'none' })
  const missed = new Map<string, ReadonlySet<string>>()
  for (const { id, verdict, reason, evidence = [] } of result.checks) {
    // Devices of a user need users.
    if (verdict === 'not-applicable' && tokens.length === 0) continue
    expect(`${id} ${verdict} ${reason ?? ''}`).toBe(`${id} pass `)
    const [, ...ways] = evidence
    missed.set(id, new Set(ways))
  }
  return missed
}

test('every transition that a walk can take is taken by one of some walks', async () => {
  const found: ReadonlyMap<string, ReadonlySet<string>>[] = []
  for (let begun = 0; begun < runs; begun += atOnce)
    for (const options of [{}, { tokens: [] }])
      found.push(
        ...(await Promise.all(
          Array.from({ length: atOnce }, (_, place) => missedBy(`walk-${String(begun + place)}`, options)),
        )),
      )
  const never = Object.entries(walks).flatMap(([machine, checks]) => {
    const sets = found.flatMap((run) => checks.flatMap((id) => run.get(id) ?? []))
    expect(sets.length).toBeGreaterThanOrEqual(2 * runs)
    const [first = new Set<string>(), ...others] = sets
    return [...first].filter((way) => others.every((set) => set.has(way))).map((way) => `${machine}: ${way}`)
  })
  expect(never).toEqual([])
})
