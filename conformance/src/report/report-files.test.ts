import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openReports, ReportFileError } from './report-files.ts'
import { runResult } from './result.test.fixture.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reports-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const stdout = { write: () => true }

describe('openReports()', () => {
  test('replaces what was there, whole', async () => {
    const path = join(folder, 'x.json')
    writeFileSync(path, 'old '.repeat(100_000))
    await using files = await openReports([{ kind: 'json', path }], { stdout })
    await files.write(runResult())
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(runResult())
  })

  test('adds to the job summary of a CI', async () => {
    const path = join(folder, 'summary.md')
    writeFileSync(path, 'earlier\n')
    await using files = await openReports([{ kind: 'markdown', path }], { stdout, appendTo: path })
    await files.write(runResult())
    expect(readFileSync(path, 'utf8')).toMatch(/^earlier\n## ✅ Parley/)
  })

  test('leaves everything as it was when the run comes to nothing', async () => {
    const old = join(folder, 'old.json')
    writeFileSync(old, 'old')
    {
      await using _files = await openReports(
        [
          { kind: 'json', path: old },
          { kind: 'html', path: join(folder, 'new.html') },
        ],
        { stdout },
      )
    }
    expect(readdirSync(folder)).toEqual(['old.json'])
    expect(readFileSync(old, 'utf8')).toBe('old')
  })

  test('says which report cannot be written, and leaves no other behind', async () => {
    const requests = [
      { kind: 'json', path: join(folder, 'a.json') },
      { kind: 'junit', path: join(folder, 'none', 'b.xml') },
    ] as const
    await expect(openReports(requests, { stdout })).rejects.toThrow(ReportFileError)
    await expect(openReports(requests, { stdout })).rejects.toThrow(/junit report to ".*b\.xml": ENOENT/)
    expect(readdirSync(folder)).toEqual([])
  })

  test('writes to standard output', async () => {
    let text = ''
    const out = { write: (part: string) => (text += part) }
    await using files = await openReports([{ kind: 'badge', path: '-' }], { stdout: out })
    await files.write(runResult())
    expect(text).toContain('<svg')
  })
})
