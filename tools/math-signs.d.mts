/** Every sign that formulas of MathML are set in, each once. */
export declare function signsOf(formulas: readonly string[]): string[];
