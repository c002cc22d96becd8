import { describe, expect, test } from 'vitest'
import { Dice } from './dice.ts'
import { memoryTrend } from './memory.ts'

const mebibyte = 2 ** 20

/** Samples of a server that uses so many bytes after so many frames, with noise. */
function samples(bytesAfter: (frames: number) => number, count = 40, noise = mebibyte / 4) {
  const dice = new Dice('memory', 'noise')
  return Array.from({ length: count }, (_, index) => {
    const frames = (index + 1) * 1000
    return { frames, bytes: 20 * mebibyte + bytesAfter(frames) + dice.integer(noise) }
  })
}

describe('memoryTrend()', () => {
  test('says nothing of a few samples', () => {
    expect(memoryTrend(samples((frames) => frames * 1000, 10))).toBeUndefined()
  })

  test('sees what is kept of every frame', () => {
    expect(memoryTrend(samples((frames) => frames * 60))).toMatchObject({ grows: true })
    expect(memoryTrend(samples((frames) => frames * 60))?.bytesPerFrame).toBeCloseTo(60, -1)
  })

  test('takes noise for no growth, nor a warm-up, nor what fills up and stays full', () => {
    expect(memoryTrend(samples(() => 0))).toMatchObject({ grows: false })
    expect(memoryTrend(samples((frames) => Math.min(frames, 8000) * 500))).toMatchObject({ grows: false })
    expect(memoryTrend(samples((frames) => Math.min(frames, 22_000) * 200))).toMatchObject({ grows: false })
    expect(memoryTrend(samples((frames) => frames * 2))).toMatchObject({ grows: false })
  })
})
