import { describe, expect, test } from 'vitest'
import { beyondInternetJson } from './json-text.ts'

const faultOf = (text: string) => beyondInternetJson(text, JSON.parse(text))

describe('beyondInternetJson()', () => {
  test('takes what is nested deeper than the stack', () => {
    const lists = `{"type":"peer-updated","data":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
    const objects = `{"type":"x","agent":${'{"a":'.repeat(20_000)}"\\ud83d"${'}'.repeat(20_000)}}`
    expect(faultOf(lists)).toBeUndefined()
    expect(faultOf(objects)).toBe('half of a surrogate pair')
  })

  test('finds names that come twice, and half a surrogate pair in the words of the server alone', () => {
    expect(faultOf('{"type":"error","type":"error"}')).toBe('two members named "type"')
    expect(faultOf('{"type":"error","message":"\\ud83d"}')).toBe('half of a surrogate pair')
    expect(faultOf('{"type":"error","of":"\\ud83d"}')).toBeUndefined()
  })
})
