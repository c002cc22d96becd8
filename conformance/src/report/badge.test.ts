import { Window } from 'happy-dom'
import { describe, expect, test } from 'vitest'
import { badgeReport } from './badge.ts'
import { runResult } from './result.test.fixture.ts'

describe('badgeReport()', () => {
  test.each([
    ['conformant', 'brightgreen', '#4b0'],
    ['non-conformant', 'red', '#dd4343'],
    ['incomplete', 'yellow', '#d8b800'],
    ['kit-error', 'lightgrey', '#939393'],
  ] as const)('%s has its colour in both forms', (verdict, name, hex) => {
    const result = runResult([], { verdict })
    expect(JSON.parse(badgeReport(result, 'x/badge.json'))).toEqual({
      schemaVersion: 1,
      label: 'Parley Core 1',
      message: verdict,
      color: name,
    })
    const svg = badgeReport(result, 'badge.svg')
    expect(svg).toContain(hex)
    const { document } = new Window()
    document.body.innerHTML = svg
    expect(document.querySelector('svg')?.getAttribute('aria-label')).toBe(`Parley Core 1: ${verdict}`)
  })
})
