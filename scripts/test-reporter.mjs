/** Vitest reporter that writes what the summary of `npm test` needs: counts, failures, skipped tests with their reason. */
import { writeFileSync } from "node:fs";

export default class CountingReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const report = { passed: 0, failed: 0, skipped: [], unhandledErrors: unhandledErrors.length };
    for (const module of modules) {
      let failedInModule = 0;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") report.passed++;
        else if (result.state === "failed") failedInModule++;
        else
          report.skipped.push({
            name: test.fullName,
            file: module.relativeModuleId,
            reason: result.note ?? "",
          });
      }
      // A file that does not load, or whose hooks fail, has no failed test of its own.
      if (failedInModule === 0 && module.state() === "failed") failedInModule = 1;
      report.failed += failedInModule;
    }
    writeFileSync(process.env.STATEVEC_TEST_REPORT, JSON.stringify(report));
  }
}
