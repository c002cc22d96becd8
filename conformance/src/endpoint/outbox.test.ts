import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nothingHeld, Outbox } from './outbox.ts'
import { Pace } from './pace.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function outbox() {
  const held = nothingHeld()
  const written: number[] = []
  const box = new Outbox(new Pace({ perSecond: 50, burst: 100 }, 0, performance.now()), held)
  const send = (count: number) => {
    const from = written.length + held.count
    for (let number = from; number < from + count; number += 1) box.send(() => written.push(number))
  }
  return { held, written, box, send }
}

describe('Outbox', () => {
  it('holds back what the announced rate does not allow, in order', async () => {
    const { held, written, box, send } = outbox()
    send(140)
    expect(written).toHaveLength(90)
    expect(held.count).toBe(50)
    const emptied = box.emptied()
    await vi.advanceTimersByTimeAsync(500)
    expect(written.length).toBeGreaterThan(110)
    expect(written.length).toBeLessThanOrEqual(115)
    await vi.advanceTimersByTimeAsync(600)
    await emptied
    expect(written).toEqual(Array.from({ length: 140 }, (_, place) => place))
    expect(held.count).toBe(0)
    expect(held.leftAt).toBeGreaterThan(900)
  })

  it('holds nothing back for a check that is about the rate', () => {
    const { held, written, box, send } = outbox()
    send(95)
    box.unpaced()
    send(60)
    expect(written).toHaveLength(155)
    expect(held.count).toBe(0)
  })

  it('gives up what waits', async () => {
    const { held, written, box, send } = outbox()
    send(100)
    const emptied = box.emptied()
    box.discard()
    await emptied
    await vi.advanceTimersByTimeAsync(5000)
    expect(written).toHaveLength(90)
    expect(held.count).toBe(0)
  })
})
