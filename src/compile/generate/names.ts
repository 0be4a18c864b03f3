/**
 * Names in generated code: no two things in one scope share one, and none is a word of the language.
 *
 * Responsible for: giving way. What the schema names keeps its name; what is named after it (classes of keys and
 * indexes, `hasPrice`, `clearPrice`) gets a `_` behind it where its name is taken, and so does a name that is a keyword.
 * What is imported from the SDK is imported under such a name.
 * Not responsible for: the names themselves.
 */
import { UsageError } from "../../errors.ts";
import type { FieldModel, SchemaModel } from "../../schema/model.ts";
import { capital } from "./text.ts";

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Words of AssemblyScript that can not name a class, member, parameter or property of a literal. */
const KEYWORDS: ReadonlySet<string> = new Set(
  words(`
    abstract async await break case catch class const constructor continue debugger declare default delete do else
    enum export extends false finally for function if implements import in instanceof interface let new null of
    override package private protected public return static super switch this throw true try typeof var void while
    with yield
  `),
);

/** Built in, and used by generated code: a parameter or class of the same name would hide it. */
const BUILT_IN = words(`
  bool changetype i16 i32 i64 i8 load min store u16 u32 u64 u8 unchecked unmanaged usize
`);

/** What generated code imports from the SDK. */
const SDK = words(`
  AFTER BEFORE Bytes BytesItems DETAILS_AT FROM I128 I128Items Index Items MESSAGE_AT NO_FLAW PREFIX Payload Prefix Row
  SCRATCH_A_AT SysId TO Text TextItems U128 U128Items
  absentStep appendAbsent appendBytesList appendI128Items appendItems appendLengthed appendTexts appendU128Items areBelow
  areWideBelow assign assignAbsent assignChecked behind behindItems behindLengthedItems bytesFlaw bytesListFlaw bytesStep
  checkedStepOf clearLengthed copyOf createRow emitEvent enumFlaw findUnique getUnique i128At i128Step isBelow isWideBelow
  opFind opGet putAbsentWide putI128 putLengthed putU128 rangeFlaw rejectWith startOf stepOf textFlaw textStep textsFlaw
  u128At u128Step
`);

/** Names of one scope. */
export class Scope {
  private readonly taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.taken = new Set(taken);
  }

  /** The name, or the name with `_` behind it if something else has it or it is a keyword; taken from now on. */
  take(name: string): string {
    let free = name;
    while (this.taken.has(free) || KEYWORDS.has(free)) free += "_";
    this.taken.add(free);
    return free;
  }
}

/** The members of a class that belong to one field. */
export interface MemberNames {
  readonly value: string;
  /** Tells whether a nullable field is there. */
  readonly has: string;
  /** Makes a nullable field absent. */
  readonly clear: string;
}

/** The members of the fields of a class, in their order; the same in every class that has these fields. */
export function memberNames(fields: readonly FieldModel[]): readonly MemberNames[] {
  const scope = new Scope();
  const values = fields.map((field) => scope.take(field.name));
  return fields.map((field, position) => {
    const value = values[position]!;
    if (!field.nullable) return { value, has: "", clear: "" };
    const has = scope.take(`has${capital(field.name)}`);
    return { value, has, clear: scope.take(`clear${capital(field.name)}`) };
  });
}

/** Names at the top of the generated module. */
export class ModuleNames {
  private readonly scope: Scope;
  private readonly definitions: ReadonlySet<string>;
  private readonly imported = new Map<string, string>();
  private readonly tests = new Map<string, string>();

  /** @throws UsageError two definitions share a name, or one has a name of the language */
  constructor(model: SchemaModel) {
    this.definitions = definitionNames(model);
    this.scope = new Scope([...this.definitions, ...SDK, ...BUILT_IN]);
  }

  /** The name of a class or function that is named after a definition. */
  derived(name: string): string {
    return this.scope.take(name);
  }

  /** The name of the function that tells whether a number is (many: whether numbers are) a value of an enumeration. */
  test(enumeration: string, many: boolean): string {
    const wanted = `${many ? "are" : "is"}${enumeration}`;
    const name = this.tests.get(wanted) ?? this.derived(wanted);
    this.tests.set(wanted, name);
    return name;
  }

  /** Whether such a function is called anywhere. */
  isTested(enumeration: string, many: boolean): boolean {
    return this.tests.has(`${many ? "are" : "is"}${enumeration}`);
  }

  /** Names that a parameter can not have: it would hide what the code around it uses. */
  parameterScope(): Scope {
    return new Scope([...SDK, ...BUILT_IN]);
  }

  /** Imports a name from the SDK; the name it has here. */
  sdk(name: string): string {
    if (!SDK.includes(name)) throw new Error(`${name} is no name of the SDK`);
    const here = this.imported.get(name) ?? (this.definitions.has(name) ? this.scope.take(name) : name);
    this.imported.set(name, here);
    return here;
  }

  /** What has been imported so far, sorted, as an import says it. */
  imports(): string[] {
    const names = [...this.imported].sort(([a], [b]) => order(a, b));
    return names.map(([name, here]) => (name === here ? name : `${name} as ${here}`));
  }
}

/** As editors sort imports: letters first, whatever their case. */
function order(a: string, b: string): number {
  const lowA = a.toLowerCase();
  const lowB = b.toLowerCase();
  if (lowA !== lowB) return lowA < lowB ? -1 : 1;
  return a < b ? -1 : 1;
}

function definitionNames(model: SchemaModel): ReadonlySet<string> {
  const owners = new Map<string, string>();
  const parts = [
    ["record", model.kinds],
    ["command", model.commands],
    ["event", model.events],
    ["enumeration", model.enumerations],
  ] as const;
  for (const [role, definitions] of parts) {
    for (const { name } of definitions) {
      const other = owners.get(name);
      if (other !== undefined) {
        throw new UsageError(
          "schema",
          `${other} and ${role} are both called ${name}; each becomes a class, rename one`,
        );
      }
      if (KEYWORDS.has(name) || BUILT_IN.includes(name)) {
        throw new UsageError(
          "schema",
          `the ${role} ${name} has the name of a word of AssemblyScript; rename it`,
        );
      }
      owners.set(name, role);
    }
  }
  return new Set(owners.keys());
}
