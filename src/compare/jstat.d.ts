/** The part of jstat that is called; the package has no types. */
declare module "jstat" {
  interface Distribution {
    inv(probability: number, ...parameters: readonly number[]): number;
    cdf(value: number, ...parameters: readonly number[]): number;
  }
  const jstat: {
    /** Of so many degrees of freedom. */
    readonly studentt: Distribution;
    /** Of α and β. */
    readonly beta: Distribution;
  };
  export default jstat;
}
