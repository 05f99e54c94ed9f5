import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['node_modules/', '.venv/', 'dist/', 'space/'] },
  js.configs.recommended,
  {
    rules: { eqeqeq: 'error', 'prefer-const': 'error', 'no-var': 'error', 'no-shadow': 'error', 'no-implicit-globals': 'error',
      'max-lines': ['error', 350], 'max-lines-per-function': ['error', 60] },
  },
  // rjsmin, which makes the static page small, takes a template within a template for code and strips its spaces
  { files: ['web/**'], rules: { 'no-restricted-syntax': ['error', { selector: 'TemplateLiteral TemplateLiteral', message: 'Name the inner text.' }] } },
  { files: ['web/**'], ignores: ['web/engine/**'], languageOptions: { globals: globals.browser } },
  // The engine runs in Node.js too: naming `document` is an error there
  { files: ['web/engine/**'], languageOptions: { globals: globals['shared-node-browser'] } },
  { files: ['tests/web/**'], languageOptions: { globals: globals.node } },
];
