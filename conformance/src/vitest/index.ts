/**
 * Registers every check of the conformance kit as a test of vitest.
 *
 * @packageDocumentation
 */
export { describeConformance, type VitestConformanceOptions } from './describe-conformance.ts'
