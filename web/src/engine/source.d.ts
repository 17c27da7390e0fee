/** The bundled text of worker.ts (build.mjs). */
declare module "worker:source" {
  const source: string;
  export default source;
}
