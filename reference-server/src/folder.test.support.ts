import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A folder of its own for the files of one test file, which is gone when that has ended; to be called outside of tests. */
export function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-server-'))
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}
