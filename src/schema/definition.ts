/**
 * What stands behind a definition object.
 *
 * Responsible for: hiding the declared data (the spec) of a field, record, message or invariant behind a symbol, so
 * that definitions stay plain frozen objects whose visible properties are those of their type.
 * Not responsible for: what is in a spec; the file of each definition says that.
 *
 * Invariants: I1 a definition never changes once made; I2 making one never throws: mistakes are left to
 * `defineSchema`, which reports all of them at once.
 */

const SPEC = Symbol("statevec.spec");

/** The declared data of any definition; `role` tells them apart. */
export interface Spec {
  readonly role: string;
}

/** Freezes `object` and puts `spec` behind it. */
export function define<T extends object>(object: T, spec: Spec): Readonly<T> {
  Object.defineProperty(object, SPEC, { value: spec });
  return Object.freeze(object);
}

/** The spec behind a definition, if `value` is a definition of this role. */
export function specOf<S extends Spec>(value: unknown, role: S["role"]): S | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const spec = (value as { [SPEC]?: Spec })[SPEC];
  return spec?.role === role ? (spec as S) : undefined;
}
