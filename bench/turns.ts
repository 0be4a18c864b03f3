/**
 * Taking turns: A B A B, each side in a process of its own, one working while the others wait.
 *
 * Responsible for: the processes and the order of the turns; medians.
 * Not responsible for: what is measured (sides/), what it is compared with (rows.ts).
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Reply, Request, SideName } from "./side-process.ts";
import type { Figures, SideOptions } from "./sides/side.ts";

const PROGRAM = fileURLToPath(new URL("./side-process.js", import.meta.url));

/**
 * Loops of some ms are over before the engine has put optimised code in the place of its first one; without Liftoff it begins
 * with optimised code. The garbage collector is called where memory of a turn must not outlast it.
 */
const NODE_OPTIONS: Readonly<Partial<Record<SideName, readonly string[]>>> = {
  "key-costs": ["--no-liftoff", "--expose-gc"],
};

/** A side in a process of its own. */
class SideProcess {
  private readonly name: SideName;
  private readonly child: ChildProcess;

  constructor(name: SideName) {
    this.name = name;
    const execArgv = [...(NODE_OPTIONS[name] ?? [])];
    this.child = fork(PROGRAM, [], { stdio: ["ignore", 2, 2, "ipc"], execArgv });
  }

  ask(request: Request): Promise<Figures> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null) =>
        reject(new Error(`the process of "${this.name}" ended with ${code}`));
      this.child.once("exit", onExit);
      this.child.once("message", (reply: Reply) => {
        this.child.off("exit", onExit);
        if ("figures" in reply) resolve(reply.figures);
        else reject(new Error(`${this.name}: ${reply.failure}`));
      });
      this.child.send(request);
    });
  }

  end(): void {
    this.child.kill();
  }
}

/** A side to be measured. */
export interface Contender {
  readonly side: SideName;
  readonly options: SideOptions;
}

/** What a side came to: its figures turn by turn, and at the end. */
export interface Outcome {
  readonly turns: readonly Figures[];
  readonly finish: Figures;
}

/**
 * Starts all sides, gives them their turns one after the other, lets them check their results.
 *
 * @param onTurn told before each turn
 * @returns what each side came to, in the order of `contenders`
 */
export async function takeTurns(
  contenders: readonly Contender[],
  turns: number,
  onTurn: (side: SideName, turn: number) => void,
): Promise<Outcome[]> {
  const processes = contenders.map(({ side }) => new SideProcess(side));
  try {
    for (const [index, { side, options }] of contenders.entries()) {
      await processes[index]!.ask({ say: "start", name: side, options });
    }
    const figures: Figures[][] = contenders.map(() => []);
    for (let turn = 0; turn < turns; turn++) {
      for (const [index, { side }] of contenders.entries()) {
        onTurn(side, turn);
        figures[index]!.push(await processes[index]!.ask({ say: "turn", turn }));
      }
    }
    const outcomes: Outcome[] = [];
    for (const [index, one] of processes.entries()) {
      outcomes.push({ turns: figures[index]!, finish: await one.ask({ say: "finish" }) });
    }
    return outcomes;
  } finally {
    for (const one of processes) one.end();
  }
}

/** The median of a figure over all turns. */
export function medianOf({ turns }: Outcome, figure: string): number {
  return median(turns.map((figures) => figures[figure]!));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
