/**
 * `statevec/client`: a service from outside, in Node and in browsers.
 */
export {
  type Client,
  type ConnectOptions,
  connect,
  type Page,
  type RemoteFramesOptions,
} from "./client.ts";
