/** Which part may import which: design, section 5. */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'schemas-import-no-sibling',
      severity: 'error',
      from: { path: '^schemas/' },
      to: { path: '^(reference-server|conformance)/' },
    },
    {
      name: 'server-imports-no-kit',
      severity: 'error',
      from: { path: '^reference-server/' },
      to: { path: '^conformance/' },
    },
    {
      name: 'kit-imports-no-server',
      comment: 'The kit is a black box over a URL; only its self-test starts servers.',
      severity: 'error',
      from: { path: '^conformance/src/' },
      to: { path: '^(reference-server|conformance/selftest)/' },
    },
    {
      name: 'ws-in-one-file-each',
      severity: 'error',
      from: { path: '^(reference-server|conformance)/src/', pathNot: '(/websocket\\.ts$|\\.test\\.)' },
      to: { path: 'node_modules/(@types/)?ws/' },
    },
    {
      name: 'jose-in-one-folder',
      comment: 'The protocol knows tokens as texts; what is in them is the operator’s concern.',
      severity: 'error',
      from: {
        path: '^(reference-server|conformance)/src/',
        pathNot: '(^reference-server/src/jwt/|\\.test\\.)',
      },
      to: { path: 'node_modules/jose/' },
    },
    {
      name: 'wrtc-in-one-folder',
      severity: 'error',
      from: { path: '^conformance/src/', pathNot: '^conformance/src/peer/' },
      to: { path: 'node_modules/wrtc/' },
    },
    {
      name: 'kit-layers',
      comment: 'transport knows nothing above it.',
      severity: 'error',
      from: { path: '^conformance/src/transport/' },
      to: { path: '^conformance/src/(endpoint|peer|checks|engine|report|observer|dialect)/' },
    },
    {
      name: 'checks-are-leaves',
      comment:
        'Nothing but the engine’s run, the commands, the vitest adapter and the package surface imports checks.',
      severity: 'error',
      from: {
        path: '^conformance/src/',
        pathNot: '^conformance/src/(checks/|engine/run|index|commands/|vitest/)',
      },
      to: { path: '^conformance/src/checks/' },
    },
    {
      name: 'vitest-only-in-tests',
      severity: 'error',
      from: { pathNot: '(\\.test\\.|vitest)' },
      to: { path: 'node_modules/vitest/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: '^(?!node_modules/).*/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node'] },
  },
}
