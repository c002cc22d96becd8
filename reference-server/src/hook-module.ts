import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Authenticator } from './authentication.ts'
import type { InvitePermission } from './calls/invite-rule.ts'
import type { SightRule } from './discovery/sight-rule.ts'
import { OptionError } from './option.ts'

/**
 * Loads an application's authenticator: the default export of an ES module.
 *
 * @param file - Path from the working directory.
 * @throws `OptionError` when it cannot be loaded, or is no function.
 */
export async function loadAuthenticator(file: string): Promise<Authenticator> {
  return (await loadFunction(file, 'authenticator')) as Authenticator
}

/** The same for an application's rule for who may ring whom. */
export async function loadInvitePermission(file: string): Promise<InvitePermission> {
  return (await loadFunction(file, 'rule for invites')) as InvitePermission
}

/** The same for an application's rule for who sees whom. */
export async function loadSightRule(file: string): Promise<SightRule> {
  return (await loadFunction(file, 'rule for who is seen')) as SightRule
}

async function loadFunction(file: string, what: string): Promise<unknown> {
  let exported: unknown
  try {
    const module = (await import(pathToFileURL(resolve(file)).href)) as { readonly default?: unknown }
    exported = module.default
  } catch (cause) {
    const [line] = (cause instanceof Error ? cause.message : String(cause)).split('\n')
    throw new OptionError(`Cannot load the ${what} in ${file}: ${line ?? ''}`, { cause })
  }
  if (typeof exported !== 'function')
    throw new OptionError(`Cannot use the ${what} in ${file}: its default export is no function`)
  return exported
}
