/**
 * Operations of the core that a handler module imports. A function that is declared without a body in a file of this
 * name is imported from the module `env`.
 */

/** Records a fault of the running command; the first cause wins. */
export declare function opFault(code: u32, detail: u32): void;
