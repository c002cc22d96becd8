import { describe, expect, it } from 'vitest'
import { HangSuspicion } from './hang.ts'

describe('HangSuspicion', () => {
  it('blames no check for a first silence, nor for one more with it alone', () => {
    const suspicion = new HangSuspicion()
    expect(suspicion.note(['a', 'b'])).toBeUndefined()
    expect(suspicion.note(['a'])).toBeUndefined()
    expect(suspicion.suspects('a')).toBe(true)
    expect(suspicion.suspects('b')).toBe(false)
  })

  it('blames a check with which alone the server has fallen silent twice more', () => {
    const suspicion = new HangSuspicion()
    suspicion.note(['a', 'b'])
    suspicion.note(['a'])
    expect(suspicion.note(['a'])).toBe('a')
  })

  it('counts two silences with different checks alone as no accusation', () => {
    const suspicion = new HangSuspicion()
    suspicion.note(['a', 'b'])
    suspicion.note(['a'])
    expect(suspicion.note(['b'])).toBeUndefined()
  })

  it('asks as often where only one check runs at a time', () => {
    const suspicion = new HangSuspicion()
    suspicion.note(['a'])
    expect(suspicion.note(['a'])).toBeUndefined()
    expect(suspicion.note(['a'])).toBe('a')
  })

  it('suspects nobody in company, or when nobody runs', () => {
    const suspicion = new HangSuspicion()
    for (let time = 0; time < 4; time += 1) {
      expect(suspicion.note(['a', 'b'])).toBeUndefined()
      expect(suspicion.note([])).toBeUndefined()
    }
    expect(suspicion.suspects('a')).toBe(false)
  })
})
