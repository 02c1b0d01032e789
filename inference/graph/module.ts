import type { Activation, Value } from './graph.ts';

/**
 * A part of a network, as in PyTorch: its fields are parameters, modules and arrays of modules, and their names are
 * the checkpoint's (hence snake case). `call` builds the module's nodes in the graph of its first operand.
 */
export abstract class Module<Operands extends readonly [Value, ...unknown[]] = [Activation], Result = Activation> {
  #path = '';

  /** Where the module stands in the tree, once weights are bound. */
  get path(): string {
    return this.#path;
  }

  protected abstract forward(...operands: Operands): Result;

  call(...operands: Operands): Result {
    return operands[0].graph.within(this.#path, () => this.forward(...operands));
  }

  place(path: string): void {
    this.#path = path;
  }
}

/** A module that stands for one of PyTorch's without parameters (dropout), so that its neighbours' indices agree. */
export class Identity extends Module {
  protected forward(x: Activation): Activation {
    return x;
  }
}
