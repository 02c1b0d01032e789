/** Programs that tests start run compiled. */
export { compile as setup } from '../bin/compile.js';
