import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SecretIndex } from './secret-index.ts'

const secret = fc.stringMatching(/^[A-Za-z0-9_-]{16,40}$/)

describe('SecretIndex', () => {
  it('secretsIn() finds every secret, wherever it stands and whatever is around it', () => {
    const around = fc.stringMatching(/^[ -~]{0,40}$/)
    fc.assert(
      fc.property(
        fc.uniqueArray(secret, { minLength: 1, maxLength: 20 }),
        around,
        around,
        (secrets, before, after) => {
          const index = new SecretIndex()
          for (const [owner, each] of secrets.entries()) index.add(each, owner)
          for (const each of secrets) expect(index.secretsIn(before + each + after)).toContain(each)
        },
      ),
    )
  })

  it('secretsIn() finds nothing in a text that holds none, nor a part of one', () => {
    const index = new SecretIndex()
    index.add('s3cReT_7hXw2QpLmZ9vBt4K', 1)
    expect(index.secretsIn('s3cReT_7hXw2QpLmZ9vBt4 s3cReT_7hXw2Qp'.repeat(3))).toEqual([])
  })
})
