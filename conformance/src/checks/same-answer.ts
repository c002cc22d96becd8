import { isDeepStrictEqual } from 'node:util'
import { CheckFailure } from '../engine/failure.ts'
import type { Wire } from '../endpoint/wire.ts'
import { clip } from '../observer/frame-observer.ts'

/** Members that repeat the failed message. */
const repeated: ReadonlySet<string> = new Set(['ref', 'to', 'call', 'room', 'of'])

/**
 * Fails unless two cases are answered alike, apart from what an answer repeats of its question.
 *
 * @param first - Answers in the first case, more than one: what differs among them differs by itself and is not compared.
 * @param second - Answers in the second case.
 * @param cases - The two cases in words.
 * @param secrets - What a question held and a text may repeat: peer ids, say.
 */
export function sameAnswers(
  first: readonly Wire[],
  second: readonly Wire[],
  cases: string,
  secrets: readonly string[] = [],
): void {
  const plain = (answer: Wire) => blanked(answer, secrets)
  const [model = {}, ...controls] = first.map(plain)
  const noisy = new Set(
    controls.flatMap((control) =>
      names(model, control).filter((name) => !isDeepStrictEqual(model[name], control[name])),
    ),
  )
  for (const answer of second.map(plain)) {
    for (const name of names(model, answer)) {
      if (noisy.has(name) || isDeepStrictEqual(model[name], answer[name])) continue
      const words = (value: unknown) => (value === undefined ? 'absent' : clip(JSON.stringify(value)))
      throw new CheckFailure(
        `the same answer for ${cases}`,
        `${name} was ${words(model[name])} in one case and ${words(answer[name])} in the other`,
      )
    }
  }
}

function names(one: Wire, other: Wire): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
}

function blanked(answer: Wire, secrets: readonly string[]): Wire {
  const entries = Object.entries(answer).map(([name, value]) => {
    if (repeated.has(name)) return [name, name in answer]
    if (typeof value !== 'string') return [name, value]
    return [name, secrets.reduce((text, secret) => text.replaceAll(secret, '…'), value)]
  })
  return Object.fromEntries(entries) as Wire
}
