import { capabilityNames, isCapabilityName } from '@parley/schemas'
import type { Check } from './check.ts'

/** The user asked for checks that do not exist. */
export class SelectionError extends Error {
  override name = 'SelectionError'
}

/**
 * Chooses checks.
 *
 * @param ids - Ids of checks, or of requirements, whose checks are all meant; empty for all.
 * @param filter - Part of an id or title.
 * @param capabilities - Names of capabilities, of which alone the checks are meant; empty for all.
 * @throws {@link SelectionError} when an id or a capability is unknown or nothing remains.
 */
export function selectChecks(
  all: readonly Check[],
  ids: readonly string[],
  filter: string | undefined,
  capabilities: readonly string[] = [],
): Check[] {
  const stranger = capabilities.find((name) => !isCapabilityName(name))
  if (stranger !== undefined)
    throw new SelectionError(
      `Cannot test the capability "${stranger}": it has to be ${capabilityNames.join(' or ')}`,
    )
  const unknown = ids.filter((id) => !all.some((check) => check.id === id || check.requirement.id === id))
  if (unknown.length > 0) {
    const [first = ''] = unknown
    const topic = first.split(/[.:]/)[0] ?? ''
    const near = all.filter(({ id }) => id.startsWith(`${topic}.`)).map(({ id }) => id)
    const hint = near.length > 0 ? `known of "${topic}": ${near.slice(0, 6).join(', ')}…` : 'see --list'
    throw new SelectionError(`Cannot find the check "${first}": ${hint}`)
  }
  const named = all.filter(
    ({ id, requirement }) => ids.length === 0 || ids.includes(id) || ids.includes(requirement.id),
  )
  const text = filter?.toLowerCase()
  const matching = named.filter(
    ({ id, title }) => text === undefined || id.includes(text) || title.toLowerCase().includes(text),
  )
  if (matching.length === 0)
    throw new SelectionError(`No check matches the filter "${filter ?? ''}": see --list`)
  const selected = matching.filter(
    ({ capability }) =>
      capabilities.length === 0 || (capability !== undefined && capabilities.includes(capability)),
  )
  if (selected.length === 0)
    throw new SelectionError(
      `None of the checks that were asked for is of the capability ${capabilities.join(' or ')}: see --list`,
    )
  return selected
}
