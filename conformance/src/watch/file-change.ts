import { watch } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { sep } from 'node:path'
import { UsageError } from '../commands/arguments.ts'
import { never, type TriggerSource } from './trigger.ts'

/** Milliseconds after the first change in which an editor, or a compiler, writes the rest. */
const settleMs = 150

/** Folders below a watched one in which a change means nothing. */
const ignored = /^(node_modules|\..+)$/

/**
 * Waits until a file changes, and a moment longer.
 *
 * @param path - A file, or a folder with all that is below it.
 */
export function changeBelow(path: string): TriggerSource {
  return async (signal) => {
    try {
      for await (const { filename } of watch(path, { recursive: true, signal })) {
        if (filename?.split(sep).some((part) => ignored.test(part))) continue
        await pause(settleMs, undefined, { signal })
        return 'changed'
      }
    } catch (cause) {
      if (signal.aborted) return never
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
      throw new UsageError(`Cannot watch "${path}": ${code}`, { cause })
    }
    return never
  }
}
