import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { inLanes } from './lane.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Work that ends when the test says so. */
function handMade() {
  const ends: (() => void)[] = []
  const begun: number[] = []
  const work = (item: number) => {
    begun.push(item)
    return new Promise<void>((resolve) => ends.push(resolve))
  }
  return { begun, ends, work }
}

describe('inLanes()', () => {
  test('works on so many at a time, and takes the next when one ends', async () => {
    const { begun, ends, work } = handMade()
    const done = inLanes([1, 2, 3], { width: 2, most: 2, stalledMs: 1000 }, work)
    expect(begun).toEqual([1, 2])
    ends[1]?.()
    await vi.advanceTimersByTimeAsync(0)
    expect(begun).toEqual([1, 2, 3])
    for (const end of ends) end()
    await done
  })

  test('opens one more lane for each while in which nothing ends, up to the most', async () => {
    const { begun, ends, work } = handMade()
    const done = inLanes([1, 2, 3, 4, 5], { width: 1, most: 3, stalledMs: 1000 }, work)
    await vi.advanceTimersByTimeAsync(999)
    expect(begun).toEqual([1])
    await vi.advanceTimersByTimeAsync(1)
    expect(begun).toEqual([1, 2])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(begun).toEqual([1, 2, 3])
    while (begun.length < 5) {
      for (const end of ends.splice(0)) end()
      await vi.advanceTimersByTimeAsync(0)
    }
    for (const end of ends) end()
    await done
    expect(begun).toEqual([1, 2, 3, 4, 5])
  })

  test('opens no lane while that is not wanted, and asks again after the next while', async () => {
    const { begun, ends, work } = handMade()
    let wanted = false
    const lanes = { width: 1, most: 2, stalledMs: 1000, mayOpen: () => wanted }
    const done = inLanes([1, 2], lanes, work)
    await vi.advanceTimersByTimeAsync(1500)
    expect(begun).toEqual([1])
    wanted = true
    await vi.advanceTimersByTimeAsync(500)
    expect(begun).toEqual([1, 2])
    for (const end of ends) end()
    await done
  })

  test('waits for a lane that opened late', async () => {
    const { ends, work } = handMade()
    let over = false
    const done = inLanes([1, 2], { width: 1, most: 2, stalledMs: 1000 }, work).then(() => (over = true))
    await vi.advanceTimersByTimeAsync(1000)
    ends[0]?.()
    await vi.advanceTimersByTimeAsync(0)
    expect(over).toBe(false)
    ends[1]?.()
    await done
  })

  test('does nothing where there is nothing, and rejects with the work', async () => {
    await inLanes([], { width: 4, most: 8, stalledMs: 1000 }, () =>
      Promise.reject(new Error('not asked for')),
    )
    const begun: number[] = []
    const failing = inLanes([1, 2], { width: 1, most: 1, stalledMs: 1000 }, (item) => {
      begun.push(item)
      return Promise.reject(new Error('broken'))
    })
    await expect(failing).rejects.toThrow('broken')
    expect(begun).toEqual([1])
  })
})
