/** The types of `num`, by name. */
import * as i64 from "./i64";
import * as i128 from "./i128";
import * as u64 from "./u64";
import * as u128 from "./u128";

export { i64, i128, u64, u128 };
