/**
 * `statevec/testing`: tests of a domain, one command at a time, in any test runner.
 */
export type {
  ChangeOf,
  CommittedExpectation,
  EventExpectation,
  Expectation,
  FaultedExpectation,
  RejectedExpectation,
} from "./expectation.ts";
export { ExpectationError } from "./expectation-error.ts";
export {
  type Given,
  type GivenCommand,
  type GivenRecord,
  type Scenario,
  sysId,
  type TestCommand,
  type TestOptions,
  type TestResult,
  type Trial,
  testDomain,
  type WhenOptions,
} from "./scenario.ts";
