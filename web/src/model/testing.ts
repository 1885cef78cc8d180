export { at, list, task } from "../../client/src/testing";
