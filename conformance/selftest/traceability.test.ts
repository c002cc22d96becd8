import { checks, notTested, requirements } from '@parley/conformance'
import { describe, expect, test } from 'vitest'
import { constraintsOfMessage, messages } from '@parley/schemas'
import { isUnseen, judgedAsNoMessage, overlooked, requirementOf } from './mutants/constraint.ts'
import { mutants } from './mutants/index.ts'
import { mutantless } from './mutantless.ts'

const binding = requirements.filter(({ party }) => party === 'server')
const judged = new Set<string>(checks.map(({ requirement }) => requirement.id))
const broken = new Set<string>(mutants.map(({ breaks }) => breaks))

describe('from each sentence to its check and its mutant', () => {
  test('every server requirement has a check or a written reason', () => {
    const open = binding.filter(({ id, level }) => level !== 'MAY' && !judged.has(id) && !(id in notTested))
    expect(open.map(({ id }) => id)).toEqual([])
  })

  test('no reason is left over for a requirement that has a check', () => {
    expect(Object.keys(notTested).filter((id) => judged.has(id))).toEqual([])
    expect(Object.values(notTested).filter((reason) => reason.length < 20)).toEqual([])
  })

  test('every server MUST that has a check has a mutant or a written reason', () => {
    const open = binding.filter(
      ({ id, level }) => level.startsWith('MUST') && judged.has(id) && !broken.has(id) && !(id in mutantless),
    )
    expect(open.map(({ id }) => id)).toEqual([])
  })

  test('no reason is left over for a requirement that has a mutant', () => {
    expect(Object.keys(mutantless).filter((id) => broken.has(id))).toEqual([])
  })

  test('ids of checks are unique', () => {
    const ids = checks.map(({ id }) => id)
    expect(ids.filter((id, place) => ids.indexOf(id) !== place)).toEqual([])
  })
})

describe('from each constraint of a schema to its check and its mutant', () => {
  const sentByClients = messages
    .filter(({ direction }) => direction !== 'server')
    .flatMap(({ type }) => constraintsOfMessage(type).map((constraint) => [type, constraint] as const))

  test('there are many, of every message that a client sends', () => {
    expect(sentByClients.length).toBeGreaterThan(250)
  })

  test('each is judged by a check that exists, and has a mutant that breaks it', () => {
    const names = new Set(mutants.map(({ breaks, name }) => `${breaks}: ${name}`))
    const ids = new Set(checks.map(({ id }) => id))
    const open = sentByClients.filter(([type, constraint]) => {
      if (isUnseen(type, constraint)) return false
      const other = judgedAsNoMessage(constraint)
      if (other !== undefined) return !judged.has(other) || !broken.has(other)
      const requirement = requirementOf(constraint)
      const hasCheck =
        requirement === 'frames.bad-shape' ? ids.has(`${requirement}:${type}`) : judged.has(requirement)
      return !hasCheck || !names.has(`${requirement}: ${overlooked(constraint)}`)
    })
    expect(open.map(([, { id }]) => id)).toEqual([])
  })

  test('what a server sends is judged in every frame of a run', () => {
    expect(checks.map(({ id }) => id)).toContain('frames.shape:throughout')
  })
})
