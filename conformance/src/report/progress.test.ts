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
    '20/60 checks, 20 failed so far',
    '40/60 checks, 40 failed so far',
    '60/60 checks, 60 failed so far',
  ])
})

it('createProgress() says on a terminal how many have failed, in one line of its width', () => {
  let last = ''
  const stream = {
    isTTY: true,
    columns: 32,
    write: (text: string) => (last = text.replace('\r\u001B[2K', '')),
  }
  const progress = createProgress(stream, pc.createColors(false))
  const result = failedCheck()
  progress.start(60)
  progress.check({ ...result, verdict: 'pass' })
  expect(last).toBe(` 1/60 ${result.id}`.slice(0, 32))
  progress.check(result)
  progress.check({ ...result, id: 'another' })
  expect(last).toBe(' 3/60 2 failed so far')
})
