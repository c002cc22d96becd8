import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { createJudge } from './schema-judge.ts'

const bundle: unknown = JSON.parse(
  readFileSync(new URL('../../schemas/json/parley.schema.json', import.meta.url), 'utf8'),
)
const judge = createJudge(createRequire(new URL('../../conformance/package.json', import.meta.url)), bundle)

describe('createJudge()', () => {
  it('accepts valid messages of each direction', () => {
    expect(judge.client({ type: 'hello', versions: [1] })).toBeUndefined()
    expect(judge.server({ type: 'pong' })).toBeUndefined()
  })

  it('says what is wrong with a member', () => {
    expect(judge.client({ type: 'hello', versions: [] })).toMatch(
      /^\/versions must NOT have fewer than 1 items/,
    )
  })

  it('does not take a message of the other side', () => {
    expect(judge.client({ type: 'pong' })).toBe('No message of this type has the direction "client"')
    expect(judge.server({ type: 'ping' })).toBe('No message of this type has the direction "server"')
  })
})
