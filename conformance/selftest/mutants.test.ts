import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { alike } from './alike.ts'
import { huntingFiles } from './hunt-share.test.support.ts'
import { keyOf, killRecords, likeness, vagueness, type KillRecord } from './kill-record.ts'
import { mutants } from './mutants/index.ts'

describe('the kit against mutants', () => {
  test('there are many of them, each with a name of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(510)
    const names = mutants.map(({ breaks, name }) => `${breaks}: ${name}`)
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([])
  })

  test('a test file hunts each share of them', () => {
    const files = readdirSync(import.meta.dirname).filter((name) => /^mutants-.*\.test\.ts$/.test(name))
    const shares = files.map((name) => {
      const text = readFileSync(new URL(name, import.meta.url), 'utf8')
      return Number(/huntShare\((\d+)\)/.exec(text)?.[1])
    })
    expect(shares.toSorted()).toEqual(Array.from({ length: huntingFiles }, (_, share) => share))
  })

  test('two mutants of one requirement are told apart by what is said of them, or there is a reason', () => {
    const groups = new Map<string, KillRecord[]>()
    // A mutant of one constraint of the schemas may be the same fault as one that was thought of.
    const ofConstraint = /^(overlooks \S|refuses \S+\/)/
    for (const record of killRecords().filter(({ mutant }) => !ofConstraint.test(mutant))) {
      const key = [record.breaks, likeness(record.message), ...record.killers].join('\n')
      groups.set(key, [...(groups.get(key) ?? []), record])
    }
    const same = [...groups.values()].filter((group) => group.length > 1)
    const listed = (breaks: string, names: readonly string[]) => `${breaks}: ${names.toSorted().join('; ')}`
    expect(
      same
        .map((group) =>
          listed(
            group[0]?.breaks ?? '',
            group.map(({ mutant }) => mutant),
          ),
        )
        .toSorted(),
    ).toEqual(alike.map(({ breaks, mutants: names }) => listed(breaks, names)).toSorted())
  })

  test('each published message names its fault', () => {
    const vague = killRecords().map((record) => [keyOf(record), vagueness(record)] as const)
    expect(vague.filter(([, why]) => why !== undefined)).toEqual([])
  })
})
