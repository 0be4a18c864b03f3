/** Files of bytes that the bundler of the tests puts into a program. */
declare module "*.wasm" {
  const bytes: Uint8Array;
  export default bytes;
}
