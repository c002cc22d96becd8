import type { RunVerdict } from './engine/verdict.ts'

/** What the command's exit code says. */
export const exitCodes = {
  conformant: 0,
  'non-conformant': 1,
  usage: 2,
  incomplete: 3,
  unreachable: 4,
  'kit-error': 5,
} as const satisfies Record<RunVerdict | 'usage' | 'unreachable', number>
