/**
 * An asc transform that writes the custom section `as-bind_bindings`: which exports take or give strings and arrays.
 *
 * Responsible for: the section in the form that the runtime half of as-bind 0.8.2 reads. Its own transform does not load
 * beside the compiler used here.
 * Not responsible for: converting values (src/inspect/converters.ts). Exports that take and give numbers only are left
 * out: they are called as they are and must not pay for more.
 */
import { CommonFlags, ElementKind } from "assemblyscript";
import { Transform } from "assemblyscript/transform";

const SECTION = "as-bind_bindings";

/** The name that as-bind finds a converter by. */
function nameOf(type) {
  return type.getClass()?.internalName ?? type.toString();
}

/** Adds the class of a type, and those of its arguments, with what it takes to make objects of them. */
function addClasses(type, classes) {
  const found = type.getClass?.();
  if (!found) return;
  classes[found.internalName] = { id: found.id, byteSize: found.nextMemoryOffset };
  for (const argument of found.typeArguments ?? []) addClasses(argument, classes);
}

export default class BindingsTransform extends Transform {
  /** Runs once code is generated, before it is optimised. */
  afterCompile(module) {
    const { program } = this;
    const classes = {};
    // Typed arrays stand on a buffer, whether or not a signature has one.
    for (const instance of [program.arrayBufferInstance, program.stringInstance])
      addClasses(instance.type, classes);
    const exportedFunctions = {};
    for (const element of program.elementsByDeclaration.values()) {
      if (element.kind !== ElementKind.FunctionPrototype || !element.is(CommonFlags.ModuleExport)) continue;
      const { returnType, parameterTypes } = element.instances.get("").signature;
      const types = [returnType, ...parameterTypes];
      if (!types.some((type) => type.getClass())) continue;
      for (const type of types) addClasses(type, classes);
      exportedFunctions[element.name] = {
        returnType: nameOf(returnType),
        parameters: parameterTypes.map(nameOf),
      };
    }
    const bindings = { typeIds: classes, importedFunctions: {}, exportedFunctions };
    module.addCustomSection(SECTION, new TextEncoder().encode(JSON.stringify(bindings)));
  }
}
