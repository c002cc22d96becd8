import type { Check } from '../../engine/check.ts'
import { connectingChecks } from './connecting.ts'
import { renegotiatingChecks } from './renegotiating.ts'
import { severalChecks } from './several.ts'

/** Checks that drive real WebRTC peers through the server under test. */
export const endToEndChecks: readonly Check[] = [
  ...connectingChecks,
  ...renegotiatingChecks,
  ...severalChecks,
]
