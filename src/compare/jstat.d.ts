/** The part of jstat that is called; the package has no types. */
declare module "jstat" {
  const jstat: { readonly studentt: { inv(probability: number, degrees: number): number } };
  export default jstat;
}
