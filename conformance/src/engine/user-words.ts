import { clip } from '../observer/frame-observer.ts'
import type { TargetUser } from '../target/target.ts'

/** A user by the place of its token, and by the name that the server gave it; never by the token. */
export function userWords(place: number, user: TargetUser | undefined): string {
  const name: unknown = user?.authenticated?.user
  const named = typeof name === 'string' ? `, user "${clip(name)}"` : ''
  return `token ${String(place + 1)}${named}`
}
