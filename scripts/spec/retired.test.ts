import { describe, expect, it } from 'vitest'
import { unexplainedRemovals } from './retired.ts'

describe('unexplainedRemovals()', () => {
  it('asks for a line in the changelog', () => {
    expect(unexplainedRemovals(['a.kept', 'a.gone'], new Set(['a.kept']), '# Changelog')).toEqual([
      { file: 'CHANGELOG.md', line: 1, message: 'Requirement "a.gone" is gone: name it here, and why' },
    ])
  })

  it('is content with one that names the whole id', () => {
    expect(unexplainedRemovals(['a.gone'], new Set(), '- `a.gone`: nobody could see it.')).toEqual([])
    expect(unexplainedRemovals(['a.gone'], new Set(), '- `a.gone-by`')).toHaveLength(1)
  })
})
