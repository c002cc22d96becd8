import { describe } from 'vitest'
import { huntShare } from './hunt-share.test.support.ts'

describe('the kit against the other half of the mutants', () => {
  huntShare(1)
})
