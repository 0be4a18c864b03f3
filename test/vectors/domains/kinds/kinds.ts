/**
 * The domain of the vectors, in the open lane.
 *
 * Responsible for: one handler for each command. Its twin in the sealed lane answers line for line alike.
 */
import { defineDomain } from "statevec";
import { schema } from "./kinds.schema.ts";
import * as paths from "./paths.handlers.ts";
import * as rules from "./rules.handlers.ts";
import * as values from "./values.handlers.ts";

export const kinds = defineDomain(schema, {
  revision: 1,
  handlers: {
    PutAnchor: values.putAnchor,
    DeleteAnchor: values.deleteAnchor,
    PutFull: values.putFull,
    ChangeFull: values.changeFull,
    PutSparse: values.putSparse,
    ChangeSparse: values.changeSparse,
    DeleteFull: values.deleteFull,
    DeleteSparse: values.deleteSparse,
    RefuseWith: values.refuseWith,
    SendLists: values.sendLists,
    PutKey: paths.putKey,
    FindKey: paths.findKey,
    DeleteKey: paths.deleteKey,
    Walk: paths.walk,
    PutEntry: paths.putEntry,
    ChangeEntry: paths.changeEntry,
    ScanBook: paths.scanBook,
    PeekBook: paths.peekBook,
    LookAround: paths.lookAround,
    Sweep: paths.sweep,
    Drain: paths.drain,
    OpenAccount: rules.openAccount,
    Transfer: rules.transfer,
    PlaceHold: rules.placeHold,
    ReleaseHold: rules.releaseHold,
    Repaint: rules.repaint,
    Mint: rules.mint,
    PutRule: rules.putRule,
    Check: () => {},
    Burn: rules.burn,
    Misbehave: rules.misbehave,
    Divide: rules.divide,
    TellContext: rules.tellContext,
    Flash: rules.flash,
    Touch: rules.touch,
    WriteThenReject: rules.writeThenReject,
    ComputeU64: rules.computeU64,
    ComputeI64: rules.computeI64,
    ComputeU128: rules.computeU128,
    ComputeI128: rules.computeI128,
  },
});
