import js from '@eslint/js'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      'docs/api/**',
      'docs/examples/**',
      'conformance/src/generated/frame-validator.ts',
      '*.config.js',
      '*.config.ts',
      '.dependency-cruiser.cjs',
      '**/vitest.config.ts',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Export by name.' }],
      'no-console': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['**/*.test.ts'],
    rules: { 'max-lines': ['error', { max: 600, skipBlankLines: true, skipComments: true }] },
  },
  {
    // Programs that print, and what prints into a test's own output.
    files: [
      'conformance/src/vitest/**',
      'scripts/**',
      'bench/**',
      'conformance/selftest/hunt-one.ts',
      'conformance/selftest/strays.ts',
      'conformance/selftest/soak.ts',
      'conformance/selftest/fuzz/main.ts',
      'conformance/selftest/resume/main.ts',
      'conformance/selftest/generate-consequence.ts',
      'conformance/selftest/generate-traceability.ts',
      'conformance/selftest/generate-check-list.ts',
      'conformance/selftest/generate-kill-table.ts',
      'conformance/selftest/blame.ts',
      'conformance/selftest/tool-options.ts',
      'conformance/selftest/mutation/main.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  { files: ['**/src/generated/**'], rules: { 'max-lines': 'off' } },
)
