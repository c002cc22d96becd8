import { expect, test } from 'vitest'
import type { CodeMutant } from './instrument.ts'
import { instrument } from './instrument.ts'
import { judge, type Examination, type Finding, type Suspect } from './judge.ts'
import { keyOf, staleExplanations } from './explanation.ts'
import { sampleOf } from './sample.ts'

function mutantCalled(id: string): CodeMutant {
  return { id, file: 'a.ts', line: 1, mutator: 'BooleanLiteral', original: id, replacement: 'false' }
}

const alive: Suspect = { alive: () => Promise.resolve(true), [Symbol.asyncDispose]: () => Promise.resolve() }
const dead: Suspect = { ...alive, alive: () => Promise.resolve(false) }

function examinationOf(server: Suspect | undefined, ...findings: Promise<Finding>[]): Examination<Suspect> {
  return {
    limitMs: 50,
    start: () => Promise.resolve(server),
    parts: () => findings.map((finding) => () => finding),
  }
}

const nothing = Promise.resolve({})
const never = new Promise<Finding>(() => undefined)
const mutant = mutantCalled('true')

test.each([
  ['killed', examinationOf(alive, nothing, Promise.resolve({ failed: 'rooms.full' }))],
  ['survived', examinationOf(alive, nothing, nothing)],
  ['incomplete', examinationOf(alive, Promise.resolve({ unclear: 'rooms.full' }), nothing)],
  ['timeout', examinationOf(alive, never)],
  ['died', examinationOf(dead, never)],
  ['died', examinationOf(undefined)],
])('judge() says %s', async (fate, examination) => {
  expect((await judge(mutant, examination)).fate).toBe(fate)
})

test('instrument() names place, original and replacement', async () => {
  const { mutants } = await instrument(import.meta.dirname, ['sample.ts'])
  expect(mutants).toContainEqual(
    expect.objectContaining({ file: 'sample.ts', original: 'size === 0', replacement: 'size !== 0' }),
  )
})

test('sampleOf() repeats itself for one seed, and differs for another', () => {
  const all = Array.from({ length: 50 }, (_, place) => mutantCalled(String(place)))
  expect(sampleOf(all, 5, 'a')).toEqual(sampleOf(all, 5, 'a'))
  expect(sampleOf(all, 5, 'a')).not.toEqual(sampleOf(all, 5, 'b'))
})

test('staleExplanations() finds the killed and the vanished, and keeps the survivor', () => {
  const explained = ['killed', 'survived', 'vanished'].map((name) => ({
    ...mutantCalled(name),
    kind: 'equivalent' as const,
    reason: 'because',
  }))
  const there = [mutantCalled('killed'), mutantCalled('survived')]
  const stale = staleExplanations(explained, there, [
    { mutant: mutantCalled('killed'), fate: 'killed' },
    { mutant: mutantCalled('survived'), fate: 'survived' },
  ])
  expect(stale.map(keyOf)).toEqual([mutantCalled('killed'), mutantCalled('vanished')].map(keyOf))
})
