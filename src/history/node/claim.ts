/**
 * Claiming a directory for writing. The page cache is not trusted: what it holds may never have reached the disk.
 *
 * Responsible for: the order of steps that makes a claim safe against crashes and against other writers.
 * Not responsible for: appending (`claimed-file.ts`).
 *
 *   1 look: owner, damage, history id        nothing is changed yet
 *   2 term-N, exclusively; sync directory    from here on the writer before can acknowledge nothing more
 *   3 owner file; left-over .new removed
 *   4 list again; read the unsealed segment; write its good batches into FIRSTSEQ-N.new; sync; rename; sync
 *   5 no term-(N+1)?                         only now is anything answered
 *
 * Invariants: I1 what was acknowledged before step 2 ended is in what step 4 reads: a writer looks for term-N
 * after its sync and before it acknowledges; I2 no `.seg` that was there is written to.
 */
import { OperationalError } from "../../errors.ts";
import { firstDigest, HISTORY_ID_BYTES, verifyFrames } from "../chain.ts";
import { requireSameId } from "../contract.ts";
import type { ClaimOptions, Frontier, TearReport } from "../history.ts";
import { pathIn, segmentName, termName } from "../segments/directory.ts";
import { readNewest } from "../segments/file-inspect.ts";
import { type Owner, readOwner } from "../segments/owner-file.ts";
import { fileInTheWay, notAHistory, type Plan, planOf } from "../segments/plan.ts";
import { SEGMENT_HEADER_BYTES, type SegmentHeader } from "../segments/segment-format.ts";
import { removeIfThere } from "./file-system.ts";
import { removeOwner, writeOwner } from "./owner-file.ts";
import { NewSegment, type OpenSegment, type SegmentLimits, sizeOfCopy } from "./segment-writer.ts";
import type { WritingPlace } from "./writing-place.ts";

/** What a claim has taken hold of. */
export interface Claim {
  readonly owner: Owner;
  readonly segment: OpenSegment;
  /** Where the next batch goes, or a little before. */
  readonly end: number;
  readonly frontier: Frontier;
  readonly tear: TearReport | undefined;
}

/** Claims the directory; makes it, and a history in it, when there is none. */
export async function claimDirectory(
  place: WritingPlace,
  limits: SegmentLimits,
  options: ClaimOptions,
): Promise<Claim> {
  const { fileSystem, directory, processes } = place;
  await makeDirectory(place);
  const term = (await lookFirst(place, options)).term + 1n;
  await createTerm(place, term);
  const owner: Owner = { ...processes.self(), term };
  try {
    await writeOwner(place, owner);
    const plan = await planOf(place);
    await removeUnfinished(place, plan, term);
    const held =
      plan.segments.length === 0
        ? begin(place, limits, options, term)
        : copyNewest(place, plan, limits, options, term);
    const claim = { owner, ...(await held) };
    if (await fileSystem.exists(pathIn(directory, termName(term + 1n)))) {
      await fileSystem.close(claim.segment.file);
      throw fencedWhileClaiming(term);
    }
    return claim;
  } catch (error) {
    await removeOwner(place, owner).catch(() => {});
    // A later claim removes what this one was making: then its files go missing under it.
    const isFenced = await Promise.resolve(fileSystem.exists(pathIn(directory, termName(term + 1n))));
    throw isFenced ? fencedWhileClaiming(term) : error;
  }
}

async function makeDirectory(place: WritingPlace): Promise<void> {
  try {
    await place.fileSystem.makeDirectory(place.directory);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === "EEXIST" || code === "ENOTDIR") throw fileInTheWay(place.directory);
    throw error;
  }
}

/** Finds what speaks against a claim, before anything is changed. */
async function lookFirst(place: WritingPlace, options: ClaimOptions): Promise<Plan> {
  const plan = await planOf(place);
  if (plan.segments.length === 0 && plan.term === 0n && plan.listing.foreign.length > 0) {
    throw notAHistory(place.directory, plan.listing);
  }
  if (options.takeover !== true) {
    const owner = await readOwner(place);
    if (owner !== undefined && place.processes.isLive(owner)) {
      const who = `process ${owner.pid} on ${owner.host} has ${place.directory} open (term ${owner.term})`;
      throw new OperationalError("OWNED", `${who}; close it, or open with takeover: true`);
    }
  }
  if (plan.segments.length > 0) {
    const { historyId } = await readNewest(place, plan);
    if (options.historyId !== undefined)
      requireSameId(plan.segments.at(-1)!.file, historyId, options.historyId);
  }
  return plan;
}

async function createTerm(place: WritingPlace, term: bigint): Promise<void> {
  const { fileSystem, directory } = place;
  try {
    await fileSystem.close(await fileSystem.create(pathIn(directory, termName(term))));
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EEXIST") throw error;
    throw fencedWhileClaiming(term - 1n);
  }
  await fileSystem.syncDirectory(directory);
}

function fencedWhileClaiming(term: bigint): OperationalError {
  return new OperationalError(
    "FENCED",
    `another writer claimed term ${term + 1n} at the same time; open again`,
  );
}

/** Removes what earlier claims left unfinished. A claim of a higher term may be making its own right now. */
async function removeUnfinished(place: WritingPlace, plan: Plan, term: bigint): Promise<void> {
  for (const { file, term: maker } of plan.listing.unfinished) {
    if (maker < term) await removeIfThere(place.fileSystem, pathIn(place.directory, file));
  }
}

type Held = Omit<Claim, "owner">;

async function begin(
  place: WritingPlace,
  limits: SegmentLimits,
  options: ClaimOptions,
  term: bigint,
): Promise<Held> {
  const historyId = options.historyId?.slice() ?? crypto.getRandomValues(new Uint8Array(HISTORY_ID_BYTES));
  const digestBefore = firstDigest(historyId);
  const { batchSizeMax, sizeMin: size } = limits;
  const header: SegmentHeader = { historyId, term, firstSeq: 1n, digestBefore, size, batchSizeMax };
  const made = await NewSegment.create(place.fileSystem, place.directory, segmentName(1n, term));
  const segment = await made.finish(header);
  return { segment, end: SEGMENT_HEADER_BYTES, frontier: { seq: 0n, digest: digestBefore }, tear: undefined };
}

/** Writes the good batches of the unsealed segment into one of this term. */
async function copyNewest(
  place: WritingPlace,
  plan: Plan,
  limits: SegmentLimits,
  options: ClaimOptions,
  term: bigint,
): Promise<Held> {
  const { fileSystem, directory } = place;
  const made = await NewSegment.create(
    fileSystem,
    directory,
    segmentName(plan.segments.at(-1)!.firstSeq, term),
  );
  try {
    let digest: Uint8Array | undefined;
    const newest = await readNewest(place, plan, async (batch, file) => {
      digest = verifyFrames(options.sealer, batch, digest ?? file.header.digestBefore, file.name.file);
      await made.add(batch);
    });
    const { header: old, end, frontier, tear } = newest;
    const size = sizeOfCopy(limits, old.size, end);
    const batchSizeMax = Math.max(limits.batchSizeMax, old.batchSizeMax);
    const segment = await made.finish({ ...old, term, size, batchSizeMax });
    return { segment, end, frontier, tear };
  } catch (error) {
    await made.abandon();
    throw error;
  }
}
