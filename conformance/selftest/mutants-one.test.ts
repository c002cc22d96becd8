import { describe } from 'vitest'
import { huntShare } from './hunt-share.test.support.ts'

describe('the kit against one half of the mutants', () => {
  huntShare(0)
})
