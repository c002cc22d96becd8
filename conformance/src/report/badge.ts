import { makeBadge } from 'badge-maker'
import type { RunResult } from '../engine/result.ts'

const colours: Readonly<Record<RunResult['verdict'], string>> = {
  conformant: 'brightgreen',
  'non-conformant': 'red',
  incomplete: 'yellow',
  'kit-error': 'lightgrey',
}

/** Endings of the file names that a badge can have. */
export const badgeEndings = ['.svg', '.json'] as const

/** The verdict as a badge: an SVG image, or what shields.io's endpoint badge reads where the path ends in `.json`. */
export function badgeReport({ verdict, spec }: RunResult, path: string): string {
  const badge = { label: `Parley Core ${String(spec.version)}`, message: verdict, color: colours[verdict] }
  if (path.endsWith('.json')) return `${JSON.stringify({ schemaVersion: 1, ...badge }, null, 2)}\n`
  return `${makeBadge(badge)}\n`
}
