import { expect, test } from 'vitest'
import { judgeAll } from './judge-queue.ts'
import type { CodeMutant } from './instrument.ts'
import type { Fate } from './judge.ts'

const mutantAt = (line: number) => ({ file: 'a.ts', line }) as CodeMutant

/** Each settled judgement as its line and fate, of mutants whose fates come one after another. */
async function settled(fates: readonly (readonly Fate[])[], until = Infinity): Promise<readonly string[]> {
  const left = fates.map((each) => [...each])
  const words: string[] = []
  const panel = {
    judge: (mutant: CodeMutant) => {
      const fate = left[mutant.line]?.shift() ?? 'no start'
      const final = Promise.resolve({ mutant, fate })
      return { swift: final, final }
    },
  }
  const settle = ({ mutant, fate }: { readonly mutant: CodeMutant; readonly fate: Fate }) => {
    words.push(`${String(mutant.line)} ${fate}`)
  }
  const mutants = fates.map((_fates, line) => mutantAt(line))
  await judgeAll(mutants, panel, { workers: 2, until, settle })
  return words.toSorted()
}

test('judgeAll() settles each mutant once, by the later of two judgements', async () => {
  expect(
    await settled([
      ['killed'],
      ['incomplete', 'survived'],
      ['timeout', 'killed'],
      ['incomplete', 'timeout'],
      ['survived'],
    ]),
  ).toEqual(['0 killed', '1 survived', '2 killed', '3 timeout', '4 survived'])
})

test('judgeAll() judges nothing when the time is over', async () => {
  expect(await settled([['killed'], ['survived']], -Infinity)).toEqual([])
})
