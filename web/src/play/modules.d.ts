// Modules that build.mjs makes.

/** The Lua programs of the folder examples/. */
declare module "examples:source" {
  const sources: { name: string; about: string; text: string }[];
  export default sources;
}
