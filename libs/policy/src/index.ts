export { evaluate, type Caller, type Decision, type PolicyCall } from './evaluate.js';
export { mayUseTool, restrictsTools } from './tool-filter.js';
