import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SortedNames } from './sorted-names.ts'

const name = fc.string({ unit: fc.constantFrom('a', 'b', '~', ' '), minLength: 1, maxLength: 4 })

test('SortedNames gives what a sorted list would give', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ name, adds: fc.boolean() })),
      fc.array(
        fc.record({ prefix: fc.oneof(name, fc.constant('')), after: fc.option(name), most: fc.nat(6) }),
      ),
      (steps, questions) => {
        const names = new SortedNames()
        const model = new Set<string>()
        for (const step of steps) {
          if (step.adds) names.add(step.name)
          else names.delete(step.name)
          if (step.adds) model.add(step.name)
          else model.delete(step.name)
        }
        expect(names.size).toBe(model.size)
        for (const { prefix, after, most } of questions)
          expect(names.from(prefix, after ?? undefined, most)).toEqual(
            [...model]
              .sort()
              .filter((each) => each.startsWith(prefix) && (after === null || each > after))
              .slice(0, most),
          )
      },
    ),
  )
})

test('SortedNames keeps its order over many pieces', () => {
  const names = new SortedNames()
  const all = Array.from({ length: 5000 }, (_, index) => String((index * 7919) % 5000).padStart(4, '0'))
  for (const each of all) names.add(each)
  expect(names.from('', undefined, Infinity)).toEqual(all.toSorted())
  expect(names.from('42', '4250', 3)).toEqual(['4251', '4252', '4253'])
  for (const each of all) if (Number(each) % 10 !== 3) names.delete(each)
  expect(names.from('', undefined, Infinity)).toEqual(
    all.filter((each) => Number(each) % 10 === 3).toSorted(),
  )
  expect(names.size).toBe(500)
})
