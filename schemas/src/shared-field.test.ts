import { expect, test } from 'vitest'
import { sharedFields } from './shared-field.ts'

test.each(Object.entries(sharedFields))('%s bears its name as title and says what it is', (name, field) => {
  expect(field.title).toBe(name)
  expect(field.description).toMatch(/\.$/)
})
