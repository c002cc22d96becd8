import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freshTokens, limited } from './token-source.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('freshTokens()', () => {
  test('runs the command each time, and tells every token with its user', async () => {
    const told: [string, number][] = []
    const [first, second] = freshTokens([`mktemp ${folder}/a.XXXXXX`, () => 'b'], (...each) =>
      told.push(each),
    )
    const tokens = [await first?.next(), await first?.next(), await second?.next()]
    expect(new Set(tokens).size).toBe(3)
    expect(told).toEqual([
      [tokens[0], 0],
      [tokens[1], 0],
      ['b', 1],
    ])
  })

  test('runs at most four commands at the same time, of all users together', async () => {
    const log = join(folder, 'log')
    const command = `echo begin >> ${log}; mktemp ${folder}/a.XXXXXX; echo end >> ${log}`
    const sources = freshTokens([command, command], () => undefined)
    await Promise.all(Array.from({ length: 20 }).flatMap(() => sources.map(({ next }) => next())))
    const lines = (await readFile(log, 'utf8')).trim().split('\n')
    expect(lines).toHaveLength(80)
    let running = 0
    const most = Math.max(...lines.map((line) => (running += line === 'begin' ? 1 : -1)))
    expect(most).toBeLessThanOrEqual(4)
  })
})

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

describe('limited()', () => {
  test('begins as much work as it may, and the next as soon as some ends', async () => {
    const run = limited(2)
    const begun: number[] = []
    const ends = [1, 2, 3, 4].map(() => deferred())
    const all = ends.map(({ promise }, index) =>
      run(() => {
        begun.push(index)
        return promise
      }),
    )
    await Promise.resolve()
    expect(begun).toEqual([0, 1])
    ends[1]?.resolve()
    await all[1]
    expect(begun).toEqual([0, 1, 2])
    for (const { resolve } of ends) resolve()
    await Promise.all(all)
    expect(begun).toEqual([0, 1, 2, 3])
  })

  test('goes on after work that fails', async () => {
    const run = limited(1)
    const failed = run(() => Promise.reject(new Error('one')))
    const next = run(() => Promise.resolve('two'))
    await expect(failed).rejects.toThrow('one')
    expect(await next).toBe('two')
  })
})
