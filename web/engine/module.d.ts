/** The Embind exports of the wasm module, exactly. Only `facade.ts` calls them. */

export interface CoreModel {
  kind: 'finite' | 'memoryless';
  /** Weights; normalised by the core. */
  p: Float64Array;
  reward: Float64Array;
  gold: Float64Array;
  /** 1 for finite. */
  length: number;
  /** What an error message calls the list: 'model.outcomes' or 'model.tokens'. */
  path: string;
}

export interface CoreBudget {
  kind: 'n' | 'log_n' | 'kl' | 'kl_per_token';
  value: number;
}

export interface CoreFailure {
  kind: string;
  message: string;
  path: string;
}

export type CoreResult<T> = { value: T } | CoreFailure;

export interface CoreModule {
  version(): string;
  /** A Report with NaN-free numbers, ±Infinity where the report says null. */
  evaluate(model: CoreModel, budget: CoreBudget): CoreResult<unknown>;
  /** `points` budgets from 0 to `kl_end` (0: chosen from the model). */
  frontier(model: CoreModel, kl_end: number, points: number): CoreResult<unknown>;
  law_curves(model: CoreModel, budget: CoreBudget, points: number): CoreResult<unknown>;
  gap_curve(model: CoreModel, budget: CoreBudget, lengths: Float64Array): CoreResult<unknown>;
}

export interface CoreModuleOptions {
  wasmBinary?: ArrayBuffer | Uint8Array;
  instantiateWasm?: (
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module?: WebAssembly.Module) => void,
  ) => object;
  locateFile?: (file: string) => string;
}

export default function createCore(options?: CoreModuleOptions): Promise<CoreModule>;
