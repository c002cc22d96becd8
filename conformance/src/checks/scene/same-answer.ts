import { isDeepStrictEqual } from 'node:util'
import { CheckFailure } from '../../engine/failure.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { apart } from '../../observer/clip.ts'

/** Members that repeat the failed message. */
const repeated: ReadonlySet<string> = new Set(['ref', 'to', 'call', 'room', 'of'])

/** How often both cases are asked before a difference counts; what varies by itself, such as a time, seldom agrees so often. */
const rounds = 4

/**
 * Fails unless two cases are answered alike, apart from what an answer repeats of its question. The cases are asked in turn, and a member
 * tells them apart only if each case has its own value of it, every time.
 *
 * @param first - Asks in the first case.
 * @param second - Asks in the second case.
 * @param cases - The two cases in words.
 * @param secrets - What a question held and a text may repeat: peer ids, say.
 */
export async function answersAlike(
  first: () => Promise<Wire>,
  second: () => Promise<Wire>,
  cases: string,
  secrets: readonly string[] = [],
): Promise<void> {
  const pairs: (readonly [Wire, Wire])[] = []
  for (let round = 0; round < rounds; round += 1) {
    pairs.push([blanked(await first(), secrets), blanked(await second(), secrets)])
    const [telling] = tellingNames(pairs)
    if (telling === undefined) return
    if (round < rounds - 1) continue
    const [one, other] = pairs[0] ?? [{}, {}]
    const [inFirst, inSecond] = apart(one[telling], other[telling], 'absent')
    throw new CheckFailure(
      `the same answer for ${cases}`,
      `${telling} was ${inFirst} in one case and ${inSecond} in the other`,
    )
  }
}

/** Members that are alike in all answers of one case, alike in all of the other, and different between the two. */
function tellingNames(pairs: readonly (readonly [Wire, Wire])[]): string[] {
  const names = new Set(pairs.flat().flatMap((answer) => Object.keys(answer)))
  return [...names].filter((name) => {
    const [ones, others] = ([0, 1] as const).map((side) => pairs.map((pair) => pair[side][name]))
    return (
      constant(ones ?? []) && constant(others ?? []) && !isDeepStrictEqual(pairs[0]?.[0][name], others?.[0])
    )
  })
}

function constant(values: readonly unknown[]): boolean {
  return values.every((value) => isDeepStrictEqual(value, values[0]))
}

function blanked(answer: Wire, secrets: readonly string[]): Wire {
  const entries = Object.entries(answer).map(([name, value]) => {
    if (repeated.has(name)) return [name, name in answer]
    if (typeof value !== 'string') return [name, value]
    return [name, secrets.reduce((text, secret) => text.replaceAll(secret, '…'), value)]
  })
  return Object.fromEntries(entries) as Wire
}
