import type { Check } from '../../engine/check.ts'
import { acceptanceChecks } from './frame-acceptance.ts'
import { boundChecks } from './frame-bounds.ts'
import { consequenceChecks } from './frame-consequences.ts'
import { refusalChecks } from './frame-refusals.ts'
import { shapeChecks } from './frame-shape.ts'

/** Checks of spec/frames.md, apart from what a relay leaves untouched. */
export const frameChecks: readonly Check[] = [
  ...refusalChecks,
  ...shapeChecks,
  ...boundChecks,
  ...consequenceChecks,
  ...acceptanceChecks,
]
