// The strictest rules of typescript-eslint for the facade, the plain ones for what is not typed.
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

export default defineConfig(
  globalIgnores(['dist', 'prebuilds']),
  {
    files: ['src/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // The compiler wants brackets where a key is not declared.
      '@typescript-eslint/dot-notation': 'off',
    },
  },
  { files: ['**/*.mjs'], extends: [tseslint.configs.base] },
)
