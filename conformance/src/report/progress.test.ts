import pc from 'picocolors'
import { expect, it } from 'vitest'
import { createProgress } from './progress.ts'
import { failedCheck } from './result.test.fixture.ts'

it('createProgress() writes no line for each failure where there is no terminal', () => {
  let now = 0
  let text = ''
  const stream = { write: (more: string) => (text += more) }
  const progress = createProgress(stream, pc.createColors(false), () => now)
  progress.start(60)
  for (let done = 0; done < 60; done += 1) {
    now += 500
    progress.check(failedCheck())
  }
  progress.end()
  expect(text.split('\n').filter((line) => line !== '')).toEqual([
    '20/60 checks, 20 failed',
    '40/60 checks, 40 failed',
    '60/60 checks, 60 failed',
  ])
})
