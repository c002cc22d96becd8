import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Test files that take minutes, the longest first. What a fresh clone knows of files is their size, which says nothing of that. */
const longest = [
  'selftest/mutants-one.test.ts',
  'selftest/mutants-other.test.ts',
  'selftest/good-servers.test.ts',
  'selftest/stray-hunt.test.ts',
  'selftest/slow-path.test.ts',
  'selftest/clean-up.test.ts',
  'selftest/seed.test.ts',
  'selftest/limits-kept.test.ts',
  'reach/reverse-proxy.test.ts',
  'reach/token-command.test.ts',
]

/** Begins the long files before the others, which fill the time beside them. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const index = longest.findIndex((end) => moduleId.endsWith(end))
      return index === -1 ? longest.length : index
    }
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other))
  }
}
