import { describe, expect, it } from 'vitest'
import { requirementModule } from './requirement-module.ts'
import type { Requirement } from './requirement.ts'

const requirement = (id: string, party: Requirement['party']): Requirement => ({
  id,
  level: 'MUST',
  party,
  text: 'It MUST.',
  file: 'rooms.md',
  section: 'Joining',
  anchor: 'joining',
})

describe('requirementModule()', () => {
  it('separates the ids by party', () => {
    const module = requirementModule([requirement('a.one', 'server'), requirement('a.two', 'client')])
    expect(module).toContain("ServerRequirementId =\n  | 'a.one'\n\n")
    expect(module).toContain("ClientRequirementId =\n  | 'a.two'\n\n")
    expect(module).toContain('"text": "It MUST."')
  })
})
