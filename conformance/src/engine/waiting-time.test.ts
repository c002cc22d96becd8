import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WaitingTime } from './waiting-time.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const work = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

test('work at the same time counts once', async () => {
  const time = new WaitingTime()
  void time.during(work(100))
  await vi.advanceTimersByTimeAsync(50)
  void time.during(work(100))
  expect(time.ms).toBe(50)
  await vi.advanceTimersByTimeAsync(500)
  expect(time.ms).toBe(150)
})

test('a deadline does not count the time of work, even of what is still under way', async () => {
  const time = new WaitingTime()
  await vi.advanceTimersByTimeAsync(10)
  const { over } = time.deadline(1000)
  const isOver = vi.fn()
  void over.then(isOver)
  void time.during(work(5000))
  await vi.advanceTimersByTimeAsync(5999)
  expect(isOver).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(2)
  expect(isOver).toHaveBeenCalledOnce()
})

test('a deadline that was stopped stays open', async () => {
  const { over, stop } = new WaitingTime().deadline(10)
  const isOver = vi.fn()
  void over.then(isOver)
  stop()
  await vi.advanceTimersByTimeAsync(1000)
  expect(isOver).not.toHaveBeenCalled()
})
