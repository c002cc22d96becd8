import { describe, expect, it } from 'vitest'
import { Late, Undecided } from '../../engine/failure.ts'
import { expectInTime } from './in-time.ts'

const pong = { type: 'pong', code: undefined } as never

/** A wait of a few microseconds that was overdue, or was not: so it looks where the process was held up in it. */
async function look({
  isOverdue,
  pongMs = 0,
  dueMs = 1000,
}: {
  isOverdue: boolean
  pongMs?: number
  dueMs?: number
}) {
  const waiter = { overdue: 2 }
  const request = async () => {
    await new Promise((resolve) => setTimeout(resolve, pongMs))
    return pong
  }
  await expectInTime({ dueMs }, { waiter, bystander: { request } }, 'a pong', () => {
    if (isOverdue) waiter.overdue += 1
    return Promise.resolve()
  })
}

describe('what has to come in time', () => {
  it('is in time where it came before it was due', async () => {
    await expect(look({ isOverdue: false })).resolves.toBeUndefined()
  })

  it('is late where it came only when the kit had asked for it, whatever the clock says', async () => {
    await expect(look({ isOverdue: true })).rejects.toThrow(Late)
  })

  it('is undecided where somebody else waits long as well', async () => {
    await expect(look({ isOverdue: true, pongMs: 300, dueMs: 1000 })).rejects.toThrow(Undecided)
  })
})
