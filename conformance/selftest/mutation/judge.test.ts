import { expect, test } from 'vitest'
import { asideReason, asideReasons } from './aside.ts'
import { explanationsByKey, staleKeys } from './explanation.ts'
import { instrument, keyOf, type CodeMutant } from './instrument.ts'
import { judge, type Examination, type Judgement, type Suspect } from './judge.ts'
import type { Finding } from './kit-run.ts'
import { reportOf } from './mutation-report.ts'
import { sampleOf } from './sample.ts'

function mutantCalled(id: string): CodeMutant {
  const source = `const ${id} = 1`
  return {
    id,
    file: 'a.ts',
    line: 1,
    source,
    mutator: 'BooleanLiteral',
    original: id,
    replacement: 'false',
    nth: 0,
  }
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

/** Finds a fault the first time, and none when it looks again. */
const onceFailed: Examination<Suspect> = {
  limitMs: 50,
  start: () => Promise.resolve(alive),
  parts: () => [
    (_server, _signal, again) => Promise.resolve(again === undefined ? { failed: 'rooms.full' } : {}),
  ],
}
const nothing = Promise.resolve({})
const never = new Promise<Finding>(() => undefined)
const mutant = mutantCalled('true')

test.each([
  ['killed', examinationOf(alive, nothing, Promise.resolve({ failed: 'rooms.full' }))],
  [
    'killed',
    examinationOf(alive, Promise.resolve({ warned: 'a' }), Promise.resolve({ failed: 'rooms.full' })),
  ],
  ['warned', examinationOf(alive, Promise.resolve({ warned: 'a' }), nothing)],
  ['refused', examinationOf(alive, Promise.resolve({ refused: 'no Parley server answers' }))],
  ['survived', examinationOf(alive, nothing, nothing)],
  ['incomplete', examinationOf(alive, Promise.resolve({ unclear: 'rooms.full' }), nothing)],
  ['incomplete', examinationOf(dead, nothing)],
  ['incomplete', onceFailed],
  ['timeout', examinationOf(alive, never)],
  ['no start', examinationOf(undefined)],
])('judge() says %s', async (fate, examination) => {
  expect((await judge(mutant, examination)).fate).toBe(fate)
})

test('judge() says of who survives which check did not observe it', async () => {
  const unobserved = Promise.resolve({ unobserved: 'find.order' })
  const judgement = await judge(mutant, examinationOf(alive, nothing, unobserved))
  expect(judgement).toEqual({ mutant, fate: 'survived', by: 'find.order did not observe it' })
})

test('instrument() names place, original and replacement', async () => {
  const { mutants } = await instrument(import.meta.dirname, ['sample.ts'])
  expect(mutants).toContainEqual(
    expect.objectContaining({ file: 'sample.ts', original: 'size === 0', replacement: 'size !== 0' }),
  )
})

test('instrument() tells every mutant of a file from every other', async () => {
  const { mutants } = await instrument(import.meta.dirname, ['instrument.ts'])
  expect(new Set(mutants.map(keyOf)).size).toBe(mutants.length)
})

test.each([
  [asideReasons.sentence, { type: 'StringLiteral', value: 'No hello has come' }],
  [asideReasons.log, callOf({ type: 'Identifier', name: 'journal' })],
  [asideReasons.log, callOf({ type: 'MemberExpression', property: { type: 'Identifier', name: 'journal' } })],
  [undefined, callOf({ type: 'Identifier', name: 'router' })],
  [undefined, { type: 'StringLiteral', value: 'token-expired' }],
  [undefined, { type: 'StringLiteral', value: ' ' }],
])('asideReason() is %s', (reason, node) => {
  expect(asideReason({ node })).toBe(reason)
})

function callOf(object: object): object {
  return { type: 'CallExpression', callee: { type: 'MemberExpression', object } }
}

test('sampleOf() repeats itself for one seed, and differs for another', () => {
  const all = Array.from({ length: 50 }, (_, place) => mutantCalled(String(place)))
  expect(sampleOf(all, 5, 'a')).toEqual(sampleOf(all, 5, 'a'))
  expect(sampleOf(all, 5, 'a')).not.toEqual(sampleOf(all, 5, 'b'))
})

test('staleKeys() finds the explained mutant that is not there', () => {
  const explanations = [
    {
      kind: 'equivalent' as const,
      reason: 'because',
      mutants: [mutantCalled('there'), mutantCalled('vanished')],
    },
  ]
  expect(staleKeys(explanations, [mutantCalled('there')])).toEqual([keyOf(mutantCalled('vanished'))])
  expect(explanationsByKey(explanations).get(keyOf(mutantCalled('there')))).toBe(explanations[0])
})

test('reportOf() says of how many mutants it knows something, and tells those that a seed has drawn from the others', () => {
  const [first, second, third] = ['one', 'two', 'three'].map(mutantCalled) as [
    CodeMutant,
    CodeMutant,
    CodeMutant,
  ]
  const judged: Judgement[] = [
    { mutant: first, fate: 'killed', by: 'rooms.full' },
    { mutant: second, fate: 'survived' },
  ]
  const facts = { seed: 'a', subjects: [first, second, third], aside: [], sound: 0 }
  const mixed = reportOf(judged, new Map(), { ...facts, drawn: judged.slice(0, 1) })
  expect(mixed).toContain('There are 3 mutants, of which 2 have been judged')
  expect(mixed).toContain('with the seed `a`, from all files: **100.0 % caught** of 1 mutants')
  expect(mixed).toContain('hard to catch among them: **50.0 % caught** of 2 mutants')
  expect(mixed).toContain('| a.ts | 3 | 2 | 1 (50.0 %) |')
  expect(mixed).toContain('### Not explained')
  const whole = reportOf(judged, new Map(), { ...facts, subjects: [first, second], drawn: judged, sound: 1 })
  expect(whole).not.toContain('nothing here says how the others would fare')
})
