import type { Check } from '../engine/check.ts'
import { frameChecks } from './frames.ts'
import { ambientChecks } from './throughout.ts'

/** Every check of the kit, in the order of the specification's chapters. */
export const checks: readonly Check[] = [...frameChecks, ...ambientChecks]
