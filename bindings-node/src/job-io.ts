/** The inputs and outputs of a job, and their numbers. */

import type { IODestination, IOSource } from './io';

export class JobIO {
  readonly inputs = new Map<number, IOSource>();
  readonly outputs = new Map<number, IODestination>();

  /** Numbers a source. One that is decoded several times is read once, and has one number. */
  input(source: IOSource): number {
    for (const [id, known] of this.inputs) if (known === source) return id;
    const id = this.#nextId();
    this.inputs.set(id, source);
    source.setIOID(id, 'in');
    return id;
  }

  output(destination: IODestination): number {
    for (const known of this.outputs.values()) {
      if (known === destination) throw new Error('encode: this destination already receives a picture; make another one');
    }
    const id = this.#nextId();
    this.outputs.set(id, destination);
    destination.setIOID(id, 'out');
    return id;
  }

  #nextId(): number {
    return this.inputs.size + this.outputs.size;
  }
}
