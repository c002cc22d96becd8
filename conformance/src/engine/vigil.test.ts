import { describe, expect, it } from 'vitest'
import type { HelloFate } from '../target/preflight.ts'
import { Vigil, type VigilOptions } from './vigil.ts'

/** A vigil over a server whose new clients fare like this, one after another. */
function vigilOver(fates: readonly HelloFate[], options: Partial<VigilOptions> = {}) {
  const left = [...fates]
  const asked: HelloFate[] = []
  const ask = () => {
    const fate = left.shift() ?? 'welcomed'
    asked.push(fate)
    return Promise.resolve(fate)
  }
  const vigil = new Vigil({
    quietMs: 60_000,
    toleratedMs: Infinity,
    ask,
    onSilence: () => undefined,
    ...options,
  })
  return { vigil, asked }
}

describe('Vigil', () => {
  it('tells of a server that has said nothing and answers no new client', async () => {
    await new Promise<void>((resolve) => {
      const { vigil } = vigilOver(['unanswered', 'unanswered'], {
        quietMs: 1,
        onSilence: () => {
          vigil[Symbol.dispose]()
          resolve()
        },
      })
    })
  })

  it.each<[string, HelloFate[]]>([
    ['answers at once', ['welcomed']],
    ['answers the second client', ['unanswered', 'welcomed']],
    ['refuses connections', ['other']],
    ['is not there after a first client in vain', ['unanswered', 'other']],
  ])('has no complaint of a server that %s', async (_what, fates) => {
    const { vigil, asked } = vigilOver([...fates, 'unanswered', 'unanswered'])
    using _vigil = vigil
    expect(await vigil.silent()).toBe(false)
    expect(asked).toEqual(fates)
  })

  it('counts a word on another connection, whatever becomes of new clients', async () => {
    const { vigil } = vigilOver([], {
      ask: () => {
        vigil.heard()
        return Promise.resolve('unanswered')
      },
    })
    using _vigil = vigil
    expect(await vigil.silent()).toBe(false)
  })

  it('counts no question during which this process was held up', async () => {
    const fates: HelloFate[] = ['unanswered', 'unanswered', 'unanswered', 'welcomed']
    const { vigil, asked } = vigilOver(fates, { toleratedMs: -1 })
    using _vigil = vigil
    expect(await vigil.silent()).toBe(false)
    expect(asked).toEqual(fates)
  })
})
